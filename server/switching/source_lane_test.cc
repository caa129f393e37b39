#include "server/switching/source_lane.h"

#include <gtest/gtest.h>

#include <vector>

#include "server/switching/grey_picture.h"

namespace server {
namespace {

using namespace base::literals;

constexpr base::Duration kKept = 1500ms;
const SlotGeometry kGrid30{FrameRate{30, 1}};

// A source of 30 pictures a second, each with its sound.
struct Source {
  void run(int pictures) {
    for (int i = 0; i < pictures; ++i, ++next) {
      const base::Duration at = kGrid30.frame_time(next);
      lane.take(at, {.picture = picture, .timestamp = at}, {}, std::nullopt);
      hear(at);
    }
  }
  void hear(base::Duration timestamp) {
    lane.take({.left = std::vector<float>(1600), .right = std::vector<float>(1600), .timestamp = timestamp, .arrived = {}});
  }
  std::vector<base::Duration> take_all() {
    std::vector<base::Duration> taken;
    while (const auto one = lane.take_next()) taken.push_back(one->at);
    return taken;
  }
  const Picture picture = grey_picture(100);
  SourceLane lane{{.geometry = kGrid30}, kKept};
  std::int64_t next = 0;
};

TEST(SourceLane, KeepsTheLatest) {
  Source source;
  source.run(300);
  const auto kept = source.take_all();
  EXPECT_EQ(kept.size(), 2U * 46);
  EXPECT_EQ(kept.front(), kGrid30.frame_time(300 - 46));
}

TEST(SourceLane, DropsWhatIsNotWantedAnyMore) {
  Source source;
  source.run(300);
  EXPECT_EQ(source.lane.drop_before(kGrid30.frame_time(290)), 36U);
  source.run(5);
  const auto kept = source.take_all();
  EXPECT_EQ(kept.size(), 2U * 15);
  EXPECT_EQ(kept.front(), kGrid30.frame_time(290));
}

TEST(SourceLane, KeepsNoMoreThanThatWhereTheSoundRunsFarAhead) {
  Source source;
  source.run(30);
  source.hear(1h);
  source.run(30);
  EXPECT_EQ(source.take_all().size(), 2U * 46) << "what came before is still there";
  source.hear(2h);
  source.run(300);
  EXPECT_LE(source.take_all().size(), 2U * 46);
}

TEST(SourceLane, KeepsNoMoreThanThatWhereTheSoundFallsFarBehind) {
  Source source;
  source.run(30);
  for (int i = 0; i < 300; ++i) {
    source.hear(-1h);
    source.run(1);
  }
  EXPECT_LE(source.take_all().size(), 3U * 46);
}

}  // namespace
}  // namespace server

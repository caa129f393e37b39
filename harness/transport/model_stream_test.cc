#include "harness/transport/model_stream.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "base/virtual_timeline.h"

namespace harness {
namespace {

using namespace base::literals;

constexpr base::Instant kBeginning = base::VirtualTimeline::kStart;

ReferenceModel::Options some_options(base::Random& random) {
  ReferenceModel::Options options;
  options.audio_muxed = random.chance(0.3);
  options.segment_duration = std::array<base::Duration, 4>{2s, 6s, 1'920ms, 500ms}[random.below(4)];
  options.listed_segments = 1 + random.below(20);
  options.wall = {kBeginning, base::UtcTime{std::chrono::sys_days{std::chrono::year{2026} / 1 / 1}} + random.below(3) * 1'000'001ns};
  return options;
}

class ModelStreamTest : public testing::TestWithParam<std::uint64_t> {};

// Instants go on by fractions of a segment, by many and now and then back; contributions are lost and return in between.
TEST_P(ModelStreamTest, WritesWhatItKeptAsItWouldWriteItAnew) {
  base::Random random{GetParam()};
  const ReferenceModel::Options options = some_options(random);
  ModelStream stream{options};
  base::Instant now = kBeginning;
  bool flows = true;
  for (int i = 0; i < 300; ++i) {
    if (random.chance(0.1)) {
      flows ? random.chance(0.5) ? stream.lose(now, now) : stream.halt(now, {now + 1s}) : stream.resume(now);
      flows = !flows;
    } else if (!flows && random.chance(0.1)) {
      stream.lose(now, now);
    }
    ASSERT_EQ(stream.next_media_playlist(now), stream.media_playlist(now)) << i;
    ASSERT_EQ(stream.next_manifest(now), stream.manifest(now)) << i;
    const double ahead = random.chance(0.05) ? 30 : random.chance(0.05) ? -3 : 1.3;
    now = std::max(kBeginning, now + base::from_seconds(random.uniform(0, ahead) * base::to_seconds(options.segment_duration)));
  }
}
INSTANTIATE_TEST_SUITE_P(Seeds, ModelStreamTest, testing::Range<std::uint64_t>(0, 40));

TEST(ModelStream, WritesAnEndedTitleAsItIs) {
  ModelStream stream{{.live = false, .vod_duration = 61s, .wall = {kBeginning, {}}}};
  EXPECT_EQ(stream.next_media_playlist(kBeginning), stream.media_playlist(kBeginning));
  EXPECT_EQ(stream.next_manifest(kBeginning), stream.manifest(kBeginning));
}

}  // namespace
}  // namespace harness

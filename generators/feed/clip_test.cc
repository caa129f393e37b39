#include "generators/feed/clip.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "base/errors.h"
#include "generators/video/video.h"

namespace generators {
namespace {

using namespace std::chrono_literals;

class ClipTest : public testing::Test {
 protected:
  ClipTest() : file_{testing::TempDir() + "clip-" + std::to_string(getpid()) + ".mp4"} {
    generate_video({.pattern = Pattern::kTalk, .width = 320, .height = 180, .fps = 25, .duration = 2s, .bitrate = {}, .file = file_}, {});
  }
  ~ClipTest() override { std::remove(file_.c_str()); }
  std::string file_;
};

TEST_F(ClipTest, PicturesKeepTheirDistanceOverTheLoop) {
  Clip clip{file_};
  clip.seek(0s);
  base::Duration expected{0};
  for (int pictures = 0; pictures < 120;) {
    const Unit unit = clip.next();
    if (!unit.is_video) continue;
    ASSERT_EQ(unit.dts, expected);
    ASSERT_EQ(unit.is_key, pictures % 25 == 0);
    expected += 40ms;
    ++pictures;
  }
}

TEST_F(ClipTest, SoundNeverOverlapsAtTheSeamAndLacksLessThanTwoFrames) {
  Clip clip{file_};
  clip.seek(0s);
  const auto frame = base::from_seconds(1024 / 48000.0);
  base::Duration last{-1};
  while (last < 5s) {
    const Unit unit = clip.next();
    if (unit.is_video) continue;
    if (last >= 0s) {
      ASSERT_GE(unit.pts - last, frame - 1us);
      ASSERT_LT(unit.pts - last, 3 * frame);
    }
    last = unit.pts;
  }
}

TEST_F(ClipTest, UnitsComeInSendingOrder) {
  Clip clip{file_};
  clip.seek(0s);
  base::Duration last{0};
  for (int i = 0; i < 300; ++i) {
    const Unit unit = clip.next();
    ASSERT_GE(unit.dts, last - 50ms);
    last = std::max(last, unit.dts);
  }
}

TEST_F(ClipTest, SeekingBeginsWithTheNextKeyFrameWithParameterSets) {
  Clip clip{file_};
  clip.seek(2s + 300ms);
  const Unit first = clip.next();
  EXPECT_TRUE(first.is_video && first.is_key);
  EXPECT_EQ(first.dts, 3s);
  ASSERT_GT(first.bytes.size(), 5u);
  EXPECT_EQ(first.bytes[4] & 0x1F, 7);
}

TEST_F(ClipTest, SeekingPastTheLastKeyFrameBeginsWithTheNextRound) {
  Clip clip{file_};
  clip.seek(1s + 500ms);
  EXPECT_EQ(clip.next().dts, 2s);
}

TEST(Clip, MissingFileIsNamed) {
  try {
    Clip{"/nowhere/clip.mp4"};
    FAIL();
  } catch (const base::RunFailed& failure) {
    EXPECT_STREQ(failure.what(), "/nowhere/clip.mp4: cannot open the feed's file: No such file or directory");
  }
}

TEST(Clip, FileThatIsNoVideoIsRefused) { EXPECT_THROW(Clip{"/proc/self/status"}, base::RunFailed); }

}  // namespace
}  // namespace generators

#include "generators/video/segment_frames.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "generators/video/reencode_for_test.h"
#include "generators/video/video.h"

namespace generators {
namespace {

using namespace std::chrono_literals;

TEST(SegmentFrames, ReadsTheNumberOfEveryFrame) {
  const ScratchFile file{"segment-frames"};
  generate_video(
      {.pattern = Pattern::kTalk, .width = 320, .height = 180, .fps = 30, .duration = 1s, .seed = 9, .bitrate = {}, .file = file.path()},
      [](double) { return true; });
  std::ostringstream bytes;
  bytes << std::ifstream{file.path(), std::ios::binary}.rdbuf();
  const auto frames = frames_of("", bytes.str());
  ASSERT_TRUE(frames.has_value()) << frames.error().message;
  ASSERT_EQ(frames->size(), 30U);
  for (std::uint32_t i = 0; i < 30; ++i) EXPECT_EQ((*frames)[i], (FrameIdentity{.source = 9, .frame = i})) << i;
}

TEST(SegmentFrames, SaysWhatIsWrongWithRubbish) {
  EXPECT_TRUE(frames_of("", "").has_error());
  EXPECT_TRUE(frames_of("moov", std::string(5000, 'x')).has_error());
}

}  // namespace
}  // namespace generators

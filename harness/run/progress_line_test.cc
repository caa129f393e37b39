#include "harness/run/progress_line.h"

#include <gtest/gtest.h>

namespace harness {
namespace {

using namespace base::literals;

constexpr ProgressFigures kFigures{
    .active = 12, .starting = 2, .stalled = 1, .finished = 3, .planned = 20, .errors = 4, .mean_bitrate = 2410_kbps, .left = 34'100ms};

TEST(ProgressLine, TellsWhatTheViewersDo) {
  EXPECT_EQ(in_words(kFigures), "  12 active    2 starting    1 stalled     3/20 done    4 errors   2.41 Mbit/s  35s left");
}

TEST(ProgressLine, HasAColumnForThePausedWhereViewersPause) {
  ProgressFigures figures = kFigures;
  figures.paused = 0;
  EXPECT_NE(in_words(figures).find("1 stalled    0 paused     3/20 done"), std::string::npos) << "also while nobody does";
  figures.paused = 7;
  EXPECT_NE(in_words(figures).find("1 stalled    7 paused     3/20 done"), std::string::npos);
}

TEST(ProgressLine, TellsThePaceOfAVirtualRunAndItsWallTimeLeft) {
  Pace pace;
  EXPECT_TRUE(in_words(kFigures, pace).ends_with("2.41 Mbit/s  35s of virtual time left"));
  pace.add(base::Instant{1s}, {.done = 0, .to_come = 90e6});
  pace.add(base::Instant{2s}, {.done = 412'345, .to_come = 82.469e6});
  EXPECT_TRUE(in_words(kFigures, pace).ends_with("2.41 Mbit/s  412k session-seconds/s  3m20s left")) << in_words(kFigures, pace);
}

}  // namespace
}  // namespace harness

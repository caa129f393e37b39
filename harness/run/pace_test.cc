#include "harness/run/pace.h"

#include <gtest/gtest.h>

namespace harness {
namespace {

using namespace std::chrono_literals;

constexpr base::Instant kBegin{100s};

TEST(Pace, IsUnknownUntilTimeHasPassed) {
  Pace pace;
  EXPECT_EQ(pace.rate(), std::nullopt);
  pace.add(kBegin, {.done = 0, .to_come = 10});
  pace.add(kBegin, {.done = 5, .to_come = 5});
  EXPECT_EQ(pace.rate(), std::nullopt);
  EXPECT_EQ(pace.left(), std::nullopt);
}

TEST(Pace, TellsTheRestAtThePaceSoFar) {
  Pace pace;
  pace.add(kBegin, {.done = 1000, .to_come = 9000});
  pace.add(kBegin + 2s, {.done = 2000, .to_come = 8000});
  EXPECT_EQ(pace.rate(), 500);
  EXPECT_EQ(pace.left(), base::Duration{16s});
}

TEST(Pace, ForgetsWhatIsLongPast) {
  Pace pace;
  for (int second = 0; second <= 20; ++second)
    pace.add(kBegin + second * 1s, {.done = second < 10 ? 0. : 100. * (second - 10), .to_come = 50});
  EXPECT_EQ(pace.rate(), 100);
  EXPECT_EQ(pace.left(), base::Duration{500ms});
}

TEST(Pace, KnowsNoEndWhereNothingMoves) {
  Pace pace;
  pace.add(kBegin, {.done = 7, .to_come = 9});
  pace.add(kBegin + 1s, {.done = 7, .to_come = 9});
  EXPECT_EQ(pace.left(), std::nullopt);
}

}  // namespace
}  // namespace harness

#include "harness/run/frame_sequence.h"

#include <gtest/gtest.h>

#include <vector>

namespace harness {
namespace {

using Step = FrameSequence::Step;

Step sum_of(std::uint32_t loop, const std::vector<std::optional<std::uint32_t>>& numbers) {
  FrameSequence sequence{loop};
  Step sum;
  for (const auto number : numbers) {
    const Step step = sequence.add(number);
    sum.missing += step.missing;
    sum.repeated += step.repeated;
  }
  return sum;
}

TEST(FrameSequence, FindsNothingWrongWithFramesInOrder) {
  EXPECT_EQ(sum_of(100, {97, 98, 99, 0, 1, 2}), Step{});
  EXPECT_EQ(sum_of(100, {}), Step{});
}

TEST(FrameSequence, CountsFramesThatWereLeftOut) {
  EXPECT_EQ(sum_of(100, {5, 8}), (Step{.missing = 2}));
  EXPECT_EQ(sum_of(100, {98, 1}), (Step{.missing = 2})) << "over the loop";
}

TEST(FrameSequence, CountsFramesThatComeAgain) {
  EXPECT_EQ(sum_of(100, {5, 5, 5, 6}), (Step{.repeated = 2})) << "held";
  EXPECT_EQ(sum_of(100, {5, 6, 7, 6, 7, 8}), (Step{.repeated = 2})) << "a step back";
}

TEST(FrameSequence, BridgesFramesWithoutANumber) {
  EXPECT_EQ(sum_of(100, {5, std::nullopt, std::nullopt, 8}), (Step{.missing = 2}));
  EXPECT_EQ(sum_of(100, {std::nullopt, 5}), Step{});
}

}  // namespace
}  // namespace harness

#include "harness/transport/tcp_windowed_max.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "base/random.h"

namespace harness {
namespace {

constexpr std::uint32_t kRounds = 10;

TEST(TcpWindowedMax, HoldsTheLargest) {
  TcpWindowedMax most;
  for (const int value : {5, 9, 7}) most.add(kRounds, 1, static_cast<std::uint64_t>(value));
  EXPECT_EQ(most.value(), 9u);
}

TEST(TcpWindowedMax, ForgetsWhatIsOlderThanTheWindow) {
  TcpWindowedMax most;
  most.add(kRounds, 0, 9);
  for (std::uint32_t round = 1; round <= kRounds; ++round) most.add(kRounds, round, 5);
  EXPECT_EQ(most.value(), 9u);
  most.add(kRounds, kRounds + 1, 5);
  EXPECT_EQ(most.value(), 5u);
}

TEST(TcpWindowedMax, ForgetsEverythingAfterAPause) {
  TcpWindowedMax most;
  most.add(kRounds, 0, 9);
  most.add(kRounds, 50, 1);
  EXPECT_EQ(most.value(), 1u);
}

// Three samples know less than all: what is forgotten leaves one that is of the window, too.
TEST(TcpWindowedMax, IsOfTheWindow) {
  base::Random random{1};
  TcpWindowedMax most;
  std::vector<std::uint64_t> values;
  for (std::uint32_t round = 0; round < 1000; ++round) {
    values.push_back(random.below(1000));
    most.add(kRounds, round, values.back());
    const auto first = values.end() - static_cast<std::ptrdiff_t>(std::min<std::size_t>(values.size(), kRounds + 1));
    EXPECT_NE(std::find(first, values.end(), most.value()), values.end()) << round;
    EXPECT_GE(most.value(), values.back());
  }
}

}  // namespace
}  // namespace harness

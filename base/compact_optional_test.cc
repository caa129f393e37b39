#include "base/compact_optional.h"

#include <gtest/gtest.h>

#include "base/time.h"

namespace base {
namespace {

using namespace std::chrono_literals;

static_assert(sizeof(CompactOptional<Duration>) == sizeof(Duration));
static_assert(sizeof(CompactOptional<Instant>) == sizeof(Instant));
static_assert(sizeof(CompactOptional<std::size_t>) == sizeof(std::size_t));

TEST(CompactOptional, HoldsNothingUntilItIsGivenSomething) {
  CompactOptional<Duration> time;
  EXPECT_FALSE(time);
  EXPECT_EQ(time.value_or(3s), Duration{3s});
  time = 0s;
  ASSERT_TRUE(time.has_value());
  EXPECT_EQ(*time, Duration{});
  EXPECT_EQ(time->count(), 0);
  time.reset();
  EXPECT_FALSE(time.has_value());
}

TEST(CompactOptional, IsAsGoodAsAnOptional) {
  const CompactOptional<std::size_t> none{std::optional<std::size_t>{}};
  EXPECT_FALSE(none);
  const CompactOptional<std::size_t> lowest = std::optional<std::size_t>{0};
  EXPECT_EQ(lowest, std::size_t{0});
  EXPECT_NE(lowest, none);
  const std::optional<std::size_t> back = lowest;
  EXPECT_EQ(back, std::optional<std::size_t>{0});
  EXPECT_EQ(std::optional<std::size_t>{none}, std::nullopt);
}

}  // namespace
}  // namespace base

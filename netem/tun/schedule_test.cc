#include "netem/tun/schedule.h"

#include <gtest/gtest.h>

#include <map>

#include "base/random.h"

namespace netem {
namespace {

using namespace base::literals;
constexpr base::Instant kBegin{1000s};

std::vector<int> pop_all(Schedule<int>& schedule, base::Instant now) {
  std::vector<int> out;
  while (const auto next = schedule.pop(now)) out.push_back(next->item);
  return out;
}

TEST(Schedule, NothingComesOutBeforeItIsDue) {
  Schedule<int> schedule;
  schedule.push(kBegin + 10us, 1);
  EXPECT_EQ(schedule.next_due(), kBegin + 10us);
  EXPECT_TRUE(pop_all(schedule, kBegin + 10us - 1ns).empty());
  EXPECT_EQ(pop_all(schedule, kBegin + 10us), std::vector{1});
  EXPECT_EQ(schedule.next_due(), std::nullopt);
}

TEST(Schedule, ThoseDueTogetherComeInTheOrderOfTheirArrival) {
  Schedule<int> schedule;
  for (int i = 0; i < 100; ++i) schedule.push(kBegin + 5ms, i);
  schedule.push(kBegin + 4ms, -1);
  const std::vector<int> out = pop_all(schedule, kBegin + 5ms);
  ASSERT_EQ(out.size(), 101u);
  EXPECT_EQ(out.front(), -1);
  EXPECT_TRUE(std::ranges::is_sorted(out));
}

TEST(Schedule, TheFarFutureComesAfterTheNear) {
  Schedule<int> schedule;
  schedule.push(kBegin, 0);
  schedule.push(kBegin + 3600s, 3);
  schedule.push(kBegin + 2s, 2);
  schedule.push(kBegin + 1ms, 1);
  EXPECT_EQ(pop_all(schedule, kBegin + 1h), (std::vector{0, 1, 2, 3}));
}

TEST(Schedule, ALateComerMayBeDueBeforeEverythingElse) {
  Schedule<int> schedule;
  schedule.push(kBegin + 500ms, 2);
  EXPECT_EQ(schedule.next_due(), kBegin + 500ms);
  schedule.push(kBegin - 1s, 1);
  EXPECT_EQ(schedule.next_due(), kBegin - 1s);
  EXPECT_EQ(pop_all(schedule, kBegin + 1s), (std::vector{1, 2}));
}

// Delays of links: mostly short, now and then seconds; some of none.
base::Duration some_delay(base::Random& random) {
  const double scale = random.chance(0.02) ? 3 : random.chance(0.1) ? 0 : 0.03;
  return base::from_seconds(random.uniform() * scale);
}

TEST(Schedule, AgreesWithASortedMap) {
  base::Random random{3};
  Schedule<int> schedule;
  std::multimap<base::Instant, int> sorted;
  base::Instant now = kBegin;
  for (int i = 0; i < 300'000; ++i) {
    const base::Instant due = now + some_delay(random);
    schedule.push(due, i);
    sorted.emplace(due, i);
    now += base::from_seconds(random.exponential(1e-5));
    ASSERT_EQ(schedule.next_due(), sorted.begin()->first);
    while (const auto next = schedule.pop(now)) {
      ASSERT_EQ(next->due, sorted.begin()->first);
      ASSERT_EQ(next->item, sorted.begin()->second);
      sorted.erase(sorted.begin());
    }
    ASSERT_TRUE(sorted.empty() || sorted.begin()->first > now);
    ASSERT_EQ(schedule.size(), sorted.size());
  }
}

}  // namespace
}  // namespace netem

#include "base/timer_queue.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/random.h"

namespace base {
namespace {

using namespace literals;

// Runs everything due by `now` and returns the marks in order.
std::vector<int> run_due(TimerQueue& queue, std::vector<int>& marks, Instant now) {
  while (const auto callback = queue.take_due(now)) (*callback)();
  return std::exchange(marks, {});
}

TEST(TimerQueue, RunsByInstantAndThenInTheOrderOfTheCalls) {
  TimerQueue queue;
  std::vector<int> marks;
  queue.add(Instant{2s}, [&] { marks.push_back(3); });
  queue.add(Instant{1s}, [&] { marks.push_back(1); });
  queue.add(Instant{1s}, [&] { marks.push_back(2); });
  EXPECT_EQ(run_due(queue, marks, Instant{2s}), (std::vector<int>{1, 2, 3}));
  EXPECT_TRUE(queue.empty());
}

TEST(TimerQueue, TakesNothingBeforeItsInstant) {
  TimerQueue queue;
  std::vector<int> marks;
  queue.add(Instant{1s}, [&] { marks.push_back(1); });
  EXPECT_TRUE(run_due(queue, marks, Instant{1s} - 1ns).empty());
  EXPECT_EQ(queue.next_due(), Instant{1s});
  EXPECT_EQ(run_due(queue, marks, Instant{1s}), std::vector<int>{1});
  EXPECT_FALSE(queue.next_due());
}

TEST(TimerQueue, NeverRunsWhatWasCancelled) {
  TimerQueue queue;
  std::vector<int> marks;
  const auto first = queue.add(Instant{1s}, [&] { marks.push_back(1); });
  queue.add(Instant{2s}, [&] { marks.push_back(2); });
  queue.cancel(first);
  queue.cancel(first);
  EXPECT_EQ(queue.next_due(), Instant{2s});
  EXPECT_EQ(run_due(queue, marks, Instant{3s}), std::vector<int>{2});
}

TEST(TimerQueue, LetsACallbackCancelTheNext) {
  TimerQueue queue;
  std::vector<int> marks;
  std::uint64_t second = 0;
  queue.add(Instant{1s}, [&] { queue.cancel(second); });
  second = queue.add(Instant{1s}, [&] { marks.push_back(2); });
  EXPECT_TRUE(run_due(queue, marks, Instant{1s}).empty());
}

TEST(TimerQueue, KeepsItsOrderUnderRandomAddingAndCancelling) {
  Random random{6};
  TimerQueue queue;
  std::vector<std::pair<Instant, int>> expected;
  std::vector<int> marks;
  for (int i = 0; i < 2'000; ++i) {
    const Instant when{std::chrono::milliseconds{random.below(100)}};
    const auto id = queue.add(when, [&marks, i] { marks.push_back(i); });
    if (random.chance(0.4))
      queue.cancel(id);
    else
      expected.emplace_back(when, i);
  }
  std::sort(expected.begin(), expected.end());
  std::vector<int> order;
  for (const auto& [when, mark] : expected) order.push_back(mark);
  EXPECT_EQ(run_due(queue, marks, Instant{1s}), order);
}

}  // namespace
}  // namespace base

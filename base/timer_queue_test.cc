#include "base/timer_queue.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>

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

TEST(TimerQueue, CancelsNothingByAnIdThatHasRun) {
  TimerQueue queue;
  std::vector<int> marks;
  const auto first = queue.add(Instant{1s}, [&] { marks.push_back(1); });
  EXPECT_EQ(run_due(queue, marks, Instant{1s}), std::vector<int>{1});
  queue.add(Instant{2s}, [&] { marks.push_back(2); });
  queue.cancel(first);
  queue.cancel(0);
  queue.cancel(first + 1);
  EXPECT_EQ(run_due(queue, marks, Instant{2s}), std::vector<int>{2});
}

TEST(TimerQueue, LetsWhatACallbackHoldsCancelOthersWhenItIsCancelled) {
  struct Canceller {
    TimerQueue& queue;
    std::uint64_t id;
    ~Canceller() { queue.cancel(id); }
  };
  TimerQueue queue;
  const auto other = queue.add(Instant{1s}, [] {});
  const auto holder = queue.add(Instant{2s}, [held = std::make_shared<Canceller>(queue, other)] {});
  queue.cancel(holder);
  EXPECT_TRUE(queue.empty());
}

// Of each that waits: when, and the order of the calls.
using Waiting = std::map<std::pair<Instant, int>, std::uint64_t>;

// Takes out everything due by `now`.
std::vector<int> expected_by(Waiting& waiting, Instant now) {
  std::vector<int> order;
  while (!waiting.empty() && waiting.begin()->first.first <= now) {
    order.push_back(waiting.begin()->first.second);
    waiting.erase(waiting.begin());
  }
  return order;
}

TEST(TimerQueue, KeepsItsOrderUnderRandomAddingCancellingAndTaking) {
  Random random{6};
  TimerQueue queue;
  Waiting waiting;
  std::vector<int> marks;
  Instant now{};
  for (int i = 0; i < 20'000; ++i) {
    const Instant when = now + std::chrono::milliseconds{random.below(100)};
    waiting.emplace(std::pair{when, i}, queue.add(when, [&marks, i] { marks.push_back(i); }));
    if (random.chance(0.4)) {
      const auto victim = std::next(waiting.begin(), static_cast<std::ptrdiff_t>(random.below(waiting.size())));
      queue.cancel(victim->second);
      waiting.erase(victim);
    }
    if (!random.chance(0.1)) continue;
    now += 5ms;
    ASSERT_EQ(run_due(queue, marks, now), expected_by(waiting, now));
  }
  EXPECT_EQ(run_due(queue, marks, now + 1s), expected_by(waiting, now + 1s));
  EXPECT_TRUE(queue.empty());
}

// What is taken alone, and what the one that it wakes adds and cancels before the next is taken.
TEST(TimerQueue, KeepsItsOrderWhileWhatWasTakenAddsAndCancels) {
  Random random{9};
  TimerQueue queue;
  Waiting waiting;
  int added = 0, taken = -1;
  const auto add = [&](Instant when) {
    const int mark = ++added;
    waiting.emplace(std::pair{when, mark}, queue.add(when, [&taken, mark] { taken = mark; }));
  };
  for (int i = 0; i < 50; ++i) add(Instant{std::chrono::milliseconds{random.below(100)}});
  while (added < 20'000 && !waiting.empty()) {
    const auto [when, expected] = waiting.begin()->first;
    (*queue.take_due(when))();
    ASSERT_EQ(taken, expected);
    waiting.erase(waiting.begin());
    ASSERT_EQ(queue.empty(), waiting.empty());
    if (random.chance(0.2) && !waiting.empty()) {
      const auto victim = std::next(waiting.begin(), static_cast<std::ptrdiff_t>(random.below(waiting.size())));
      queue.cancel(victim->second);
      waiting.erase(victim);
    }
    for (std::uint64_t more = random.below(waiting.size() < 40 ? 4 : 2); more > 0; --more)
      add(when + std::chrono::milliseconds{random.below(100)});
  }
  EXPECT_GT(taken, 1'000);
}

}  // namespace
}  // namespace base

#include "base/virtual_timeline.h"

#include <gtest/gtest.h>

namespace base {
namespace {

using namespace literals;
constexpr Instant kStart = VirtualTimeline::kStart;

TEST(VirtualTimeline, StandsAtTheInstantOfTheRunningCallback) {
  VirtualTimeline timeline;
  Instant seen{};
  const Timer timer = timeline.call_at(kStart + 5s, [&] { seen = timeline.now(); });
  timeline.run_until(kStart + 60s);
  EXPECT_EQ(seen, kStart + 5s);
  EXPECT_EQ(timeline.now(), kStart + 60s);
}

TEST(VirtualTimeline, RunsWhatIsDueAtTheDeadlineAndNothingLater) {
  VirtualTimeline timeline;
  int ran = 0;
  const Timer at = timeline.call_at(kStart + 5s, [&] { ++ran; });
  const Timer after = timeline.call_at(kStart + 5s + 1ns, [&] { ran += 10; });
  timeline.run_until(kStart + 5s);
  EXPECT_EQ(ran, 1);
}

TEST(VirtualTimeline, RunsAWakeUpInThePastNowAndNotBackwards) {
  VirtualTimeline timeline;
  timeline.run_until(kStart + 10s);
  Instant seen{};
  const Timer timer = timeline.call_at(kStart, [&] { seen = timeline.now(); });
  EXPECT_EQ(seen, Instant{}) << "never inside call_at";
  timeline.run_until(kStart + 10s);
  EXPECT_EQ(seen, kStart + 10s);
}

TEST(VirtualTimeline, DropsTheWakeUpOfATimerThatIsGone) {
  VirtualTimeline timeline;
  int ran = 0;
  {
    const Timer timer = timeline.call_at(kStart + 1s, [&] { ++ran; });
  }
  Timer replaced = timeline.call_at(kStart + 1s, [&] { ++ran; });
  replaced = timeline.call_at(kStart + 2s, [&] { ran += 10; });
  timeline.run_until(kStart + 3s);
  EXPECT_EQ(ran, 10);
}

TEST(VirtualTimeline, StopsAsSoonAsThePredicateHolds) {
  VirtualTimeline timeline;
  int ran = 0;
  const Timer first = timeline.call_at(kStart + 1s, [&] { ++ran; });
  const Timer second = timeline.call_at(kStart + 2s, [&] { ++ran; });
  EXPECT_TRUE(timeline.run_until([&] { return ran == 1; }, kStart + 60s));
  EXPECT_EQ(timeline.now(), kStart + 1s);
  EXPECT_FALSE(timeline.run_until([&] { return ran == 5; }, kStart + 60s));
  EXPECT_EQ(ran, 2);
}

TEST(VirtualTimeline, RunsWhatIsDueBeforeAnInstantAndStandsThere) {
  VirtualTimeline timeline;
  const Instant end = timeline.now() + std::chrono::seconds{2};
  std::vector<int> ran;
  const Timer before = timeline.call_at(end - Duration{1}, [&] { ran.push_back(1); });
  const Timer at = timeline.call_at(end, [&] { ran.push_back(2); });
  timeline.run_before(end);
  EXPECT_EQ(ran, std::vector{1});
  EXPECT_EQ(timeline.now(), end);
  EXPECT_EQ(timeline.next_due(), end);
  timeline.run_until(end);
  EXPECT_EQ(ran, (std::vector{1, 2}));
}

}  // namespace
}  // namespace base

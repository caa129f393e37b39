// What every Timeline promises (base/timeline.h).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "base/lane_timeline.h"
#include "tests/contract/timeline_worlds.h"

namespace contract {
namespace {

using namespace std::chrono_literals;
using base::Instant;
using base::Timer;
using testing::ElementsAre;

// One lane of several: by itself it is as any clock.
class LaneWorld final : public TimelineWorld {
 public:
  base::LaneTimeline& timeline() override { return timeline_; }
  bool run_until(const std::function<bool()>& done, base::Duration limit) override {
    for (const Instant end = timeline_.now() + limit; !done() && timeline_.now() < end;) timeline_.run_before(timeline_.now() + 100us);
    return done();
  }

 private:
  base::LaneTimeline timeline_{2};
};

struct NamedWorld {
  std::string name;
  std::unique_ptr<TimelineWorld> (*make)();
  friend void PrintTo(const NamedWorld& world, std::ostream* out) { *out << world.name; }
};

class TimelineContract : public testing::TestWithParam<NamedWorld> {
 protected:
  Timer note(Instant when, int what) {
    return timeline_.call_at(when, [this, what] { ran_.push_back(what); });
  }
  bool run_until_noted(std::size_t count) {
    return world_->run_until([this, count] { return ran_.size() >= count; });
  }
  std::unique_ptr<TimelineWorld> world_ = GetParam().make();
  base::Timeline& timeline_ = world_->timeline();
  Instant start_ = timeline_.now();
  std::vector<int> ran_;
};

TEST_P(TimelineContract, StartsAtANonZeroInstant) { EXPECT_GT(start_, Instant{}); }

TEST_P(TimelineContract, RunsInTheOrderOfInstants) {
  const Timer late = note(start_ + 3ms, 3), early = note(start_ + 1ms, 1), middle = note(start_ + 2ms, 2);
  ASSERT_TRUE(run_until_noted(3));
  EXPECT_THAT(ran_, ElementsAre(1, 2, 3));
}

TEST_P(TimelineContract, RunsEqualInstantsInTheOrderOfTheCalls) {
  std::vector<Timer> timers;
  for (int i = 0; i < 5; ++i) timers.push_back(note(start_ + 2ms, i));
  ASSERT_TRUE(run_until_noted(5));
  EXPECT_THAT(ran_, ElementsAre(0, 1, 2, 3, 4));
}

TEST_P(TimelineContract, NeverRunsInsideCallAt) {
  const Timer past = note(start_ - 1s, 1), present = note(start_, 2);
  EXPECT_TRUE(ran_.empty());
  ASSERT_TRUE(run_until_noted(2));
  EXPECT_THAT(ran_, ElementsAre(1, 2));
}

TEST_P(TimelineContract, NeverRunsBeforeItsInstant) {
  Instant seen{};
  const Timer timer = timeline_.call_at(start_ + 20ms, [&] { seen = timeline_.now(); });
  ASSERT_TRUE(world_->run_until([&] { return seen != Instant{}; }));
  EXPECT_GE(seen, start_ + 20ms);
}

TEST_P(TimelineContract, RunsACallbackOnce) {
  const Timer once = note(start_ + 1ms, 1), later = note(start_ + 10ms, 2);
  ASSERT_TRUE(run_until_noted(2));
  world_->settle();
  EXPECT_THAT(ran_, ElementsAre(1, 2));
}

TEST_P(TimelineContract, DoesNotRunWhatWasCancelled) {
  Timer cancelled = note(start_ + 1ms, 1);
  const Timer kept = note(start_ + 2ms, 2);
  cancelled.cancel();
  ASSERT_TRUE(run_until_noted(1));
  world_->settle();
  EXPECT_THAT(ran_, ElementsAre(2));
}

TEST_P(TimelineContract, DoesNotRunWhatWasDestroyed) {
  { const Timer destroyed = note(start_ + 1ms, 1); }
  const Timer kept = note(start_ + 2ms, 2);
  ASSERT_TRUE(run_until_noted(1));
  EXPECT_THAT(ran_, ElementsAre(2));
}

TEST_P(TimelineContract, MovingOverATimerCancelsIt) {
  Timer timer = note(start_ + 1ms, 1);
  timer = note(start_ + 2ms, 2);
  ASSERT_TRUE(run_until_noted(1));
  world_->settle();
  EXPECT_THAT(ran_, ElementsAre(2));
}

TEST_P(TimelineContract, CancelTwiceIsHarmless) {
  Timer timer = note(start_ + 1ms, 1);
  timer.cancel();
  timer.cancel();
  world_->settle();
  EXPECT_TRUE(ran_.empty());
}

TEST_P(TimelineContract, ATimerMayCancelItselfInItsCallback) {
  Timer self;
  self = timeline_.call_at(start_ + 1ms, [&] {
    self.cancel();
    ran_.push_back(1);
  });
  ASSERT_TRUE(run_until_noted(1));
  world_->settle();
  EXPECT_THAT(ran_, ElementsAre(1));
}

TEST_P(TimelineContract, ACallbackMayCancelAnotherOfTheSameInstant) {
  Timer victim;
  const Timer first = timeline_.call_at(start_ + 1ms, [&] {
    victim.cancel();
    ran_.push_back(1);
  });
  victim = note(start_ + 1ms, 2);
  ASSERT_TRUE(run_until_noted(1));
  world_->settle();
  EXPECT_THAT(ran_, ElementsAre(1));
}

TEST_P(TimelineContract, ACallbackMayCallForItselfAgain) {
  Timer timer;
  std::function<void()> again = [&] {
    ran_.push_back(static_cast<int>(ran_.size()));
    if (ran_.size() < 3) timer = timeline_.call_at(timeline_.now() + 1ms, again);
  };
  timer = timeline_.call_at(start_, again);
  ASSERT_TRUE(run_until_noted(3));
  EXPECT_THAT(ran_, ElementsAre(0, 1, 2));
}

TEST_P(TimelineContract, WhatACallbackCallsForNowRunsAfterItReturns) {
  Timer inner;
  const Timer outer = timeline_.call_at(start_ + 1ms, [&] {
    inner = note(timeline_.now(), 2);
    ran_.push_back(1);
  });
  ASSERT_TRUE(run_until_noted(2));
  EXPECT_THAT(ran_, ElementsAre(1, 2));
}

TEST_P(TimelineContract, NowNeverGoesBack) {
  Instant last = start_;
  bool backwards = false;
  std::vector<Timer> timers;
  for (int i = 0; i < 20; ++i)
    timers.push_back(timeline_.call_at(start_ + i * 200us, [&] {
      backwards = backwards || timeline_.now() < last;
      last = timeline_.now();
      ran_.push_back(0);
    }));
  ASSERT_TRUE(run_until_noted(20));
  EXPECT_FALSE(backwards);
}

INSTANTIATE_TEST_SUITE_P(Worlds, TimelineContract,
                         testing::Values(NamedWorld{"Steady", make_world<SteadyWorld>}, NamedWorld{"Virtual", make_world<VirtualWorld>},
                                         NamedWorld{"Lane", make_world<LaneWorld>}),
                         [](const auto& world) { return world.param.name; });

}  // namespace
}  // namespace contract

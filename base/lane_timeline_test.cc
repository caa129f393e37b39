#include "base/lane_timeline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace base {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

struct LaneTimelineTest : testing::Test {
  LaneTimeline timeline{3};
  const Instant start = timeline.now();
  std::vector<std::string> ran;
  std::vector<Timer> timers;

  void note(std::size_t lane, Duration after, const std::string& what) {
    timeline.enter(lane, [&] { timers.push_back(timeline.call_at(start + after, [this, what] { ran.push_back(what); })); });
  }
  Timer hold(std::size_t lane, Duration after) {
    Timer hold;
    timeline.enter(lane, [&] { hold = timeline.hold(start + after); });
    return hold;
  }
};

TEST_F(LaneTimelineTest, RunsOneLaneAfterTheOther) {
  note(2, 1ms, "2 at 1");
  note(1, 2ms, "1 at 2");
  note(0, 5ms, "0 at 5");
  note(1, 1ms, "1 at 1");
  timeline.run_before(start + 10ms);
  EXPECT_THAT(ran, ElementsAre("0 at 5", "1 at 1", "1 at 2", "2 at 1"));
  EXPECT_EQ(timeline.now(), start + 10ms);
}

TEST_F(LaneTimelineTest, LeavesWhatIsDueAtTheEnd) {
  note(1, 10ms, "at 10");
  timeline.run_before(start + 10ms);
  EXPECT_THAT(ran, IsEmpty());
  timeline.run_before(start + 11ms);
  EXPECT_THAT(ran, ElementsAre("at 10"));
}

TEST_F(LaneTimelineTest, AWakeUpIsOfTheLaneThatAskedForIt) {
  std::vector<Instant> seen;
  timeline.enter(1, [&] {
    timers.push_back(
        timeline.call_at(start + 1ms, [&] { timers.push_back(timeline.call_at(start + 4ms, [&] { seen.push_back(timeline.now()); })); }));
  });
  note(2, 2ms, "2 at 2");
  Timer held = hold(1, 3ms);
  timeline.run_before(start + 5ms);
  EXPECT_THAT(seen, IsEmpty());  // it is held with its lane
  held.cancel();
  timeline.run_on();
  EXPECT_THAT(seen, ElementsAre(start + 4ms));
}

TEST_F(LaneTimelineTest, AHeldLaneStandsAndOthersDoNot) {
  note(1, 1ms, "before");
  note(1, 3ms, "at the hold");
  note(1, 4ms, "behind");
  note(2, 4ms, "other");
  Timer held = hold(1, 3ms);
  timeline.run_before(start + 10ms);
  EXPECT_THAT(ran, ElementsAre("before", "other"));
  timeline.run_on();
  EXPECT_THAT(ran, ElementsAre("before", "other"));
  held.cancel();
  timeline.run_on();
  EXPECT_THAT(ran, ElementsAre("before", "other", "at the hold", "behind"));
}

TEST_F(LaneTimelineTest, RunsOnToTheNextHold) {
  note(1, 3ms, "first");
  note(1, 6ms, "second");
  Timer one = hold(1, 2ms), two = hold(1, 5ms);
  timeline.run_before(start + 10ms);
  one.cancel();
  timeline.run_on();
  EXPECT_THAT(ran, ElementsAre("first"));
  two.cancel();
  timeline.run_on();
  EXPECT_THAT(ran, ElementsAre("first", "second"));
}

TEST_F(LaneTimelineTest, WhatBeginsInAnotherLaneRunsInIt) {
  timers.push_back(timeline.call_at(start + 2ms, [&] { note(2, 3ms, "begun"); }));
  note(1, 9ms, "1 at 9");
  timeline.run_before(start + 10ms);
  EXPECT_THAT(ran, ElementsAre("1 at 9", "begun"));
}

TEST_F(LaneTimelineTest, ACancelledWakeUpDoesNotRun) {
  note(1, 1ms, "cancelled");
  note(1, 2ms, "kept");
  timers.front().cancel();
  timeline.run_before(start + 10ms);
  EXPECT_THAT(ran, ElementsAre("kept"));
}

}  // namespace
}  // namespace base

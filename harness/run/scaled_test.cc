#include "harness/run/scaled.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/errors.h"
#include "harness/scenario/capacity_fields.h"

namespace harness {
namespace {

using namespace base::literals;
using testing::HasSubstr;

Scenario whole_scenario() {
  Scenario scenario;
  scenario.sessions = 100'000;
  scenario.virtual_world = VirtualWorld{};
  scenario.virtual_world->edges["eu"] = {.egress = 100'000_Mbps, .requests_per_s = 50'000, .connections = 20'000};
  scenario.virtual_world->origin = {.egress = 10'000_Mbps, .requests_per_s = 1000};
  return scenario;
}

TEST(Scaled, ShrinksTheAudienceAndTheEdgesAlike) {
  const Scenario small = scaled(whole_scenario(), 0.01);
  EXPECT_EQ(small.sessions, 1000u);
  EXPECT_EQ(small.virtual_world->edges.at("eu").egress, 1000_Mbps);
  EXPECT_EQ(small.virtual_world->edges.at("eu").requests_per_s, 500);
  EXPECT_EQ(small.virtual_world->edges.at("eu").connections, 200);
}

TEST(Scaled, TakesFewerEdgesWhereThereAreEnough) {
  Scenario scenario = whole_scenario();
  scenario.virtual_world->edges["eu"].count = 30;
  const CachePlan tenth = scaled(scenario, 0.1).virtual_world->edges.at("eu");
  EXPECT_EQ(tenth.count, 3);
  EXPECT_EQ(tenth.egress, 100'000_Mbps);
  const CachePlan hundredth = scaled(scenario, 0.01).virtual_world->edges.at("eu");
  EXPECT_EQ(hundredth.count, 1);
  EXPECT_EQ(hundredth.egress, 30'000_Mbps);
  EXPECT_EQ(scaled(scenario, 1).virtual_world, scenario.virtual_world);
}

TEST(Scaled, LeavesWhatStandsBehindEdgesAsItIs) {
  EXPECT_EQ(scaled(whole_scenario(), 0.01).virtual_world->origin, whole_scenario().virtual_world->origin);
}

TEST(Scaled, ShrinksAnOriginThatViewersComeTo) {
  Scenario alone = whole_scenario();
  alone.virtual_world->edges.clear();
  alone.virtual_world->model.connections = 500;
  const VirtualWorld world = *scaled(alone, 0.1).virtual_world;
  EXPECT_EQ(world.origin.egress, 1000_Mbps);
  EXPECT_EQ(world.origin.requests_per_s, 100);
  EXPECT_EQ(world.model.connections, 50);
}

TEST(Scaled, ShrinksTheProcessorTimeOfAnOriginThatViewersComeTo) {
  Scenario alone = whole_scenario();
  alone.virtual_world->edges.clear();
  EXPECT_EQ(scaled(alone, 0.1).virtual_world->model.cores, std::nullopt);
  alone.virtual_world->model.accept_cpu = 1ms;
  EXPECT_EQ(scaled(alone, 0.1).virtual_world->model.cores, 0.1) << "of one";
  alone.virtual_world->model.cores = 4;
  EXPECT_EQ(scaled(alone, 0.5).virtual_world->model.cores, 2);
}

TEST(Scaled, ShrinksWhatRegionsShareAndNotItsWaits) {
  Scenario scenario = whole_scenario();
  scenario.bottlenecks["eu"] = {.down = {.rate = 2'000_Mbps}, .up = {.rate = 100_Mbps, .queue = 50ms}};
  const netem::LinkSpec eu = scaled(scenario, 0.01).bottlenecks.at("eu");
  EXPECT_EQ(eu, (netem::LinkSpec{.down = {.rate = 20_Mbps, .queue = 250'000_B}, .up = {.rate = 1_Mbps, .queue = 50ms}}));
}

TEST(Scaled, KeepsOneViewerAtLeast) {
  EXPECT_EQ(scaled(whole_scenario(), 0.01).sessions / 1000, scaled(Scenario{.sessions = 3}, 0.01).sessions);
}

// 2 s of 2.5 Mbit/s at 10 Mbit/s: half a second.
TEST(Scaled, RefusesServersThatOneSegmentFills) {
  try {
    scaled(whole_scenario(), 1e-4);
    FAIL();
  } catch (const base::InvalidInput& refused) {
    EXPECT_THAT(refused.what(), testing::AllOf(HasSubstr("--scale: 0.0001 leaves 10mbit of egress to each of the edges of eu"),
                                               HasSubstr("of 0.625 MB takes 0.5 s"), HasSubstr("give at least 0.0005")));
  }
}

// What a run writes down of its scenario is read again.
TEST(Scaled, LeavesNoLimitBelowWhatAScenarioMayHave) {
  Scenario scenario = whole_scenario();
  scenario.virtual_world->edges["eu"] = {.requests_per_s = 20};
  EXPECT_EQ(scaled(scenario, 0.01).virtual_world->edges.at("eu").requests_per_s, 0.2);
  EXPECT_EQ(scaled(scenario, 1e-9).virtual_world->edges.at("eu").requests_per_s, kLeastRequestsPerSecond);
  scenario.virtual_world->edges["eu"] = {.egress = 20_Mbps};  // a segment takes 0.25 s of it as it is
  try {
    scaled(scenario, 0.01);
    FAIL();
  } catch (const base::InvalidInput& refused) {
    EXPECT_THAT(refused.what(), HasSubstr("--scale: 0.01 leaves 200kbit of egress to each of the edges of eu: too little for one viewer"));
  }
}

Scenario shared_link() {
  Scenario scenario{.sessions = 1000};
  for (netem::ImpairmentSpec* way : {&scenario.bottlenecks["eu"].down, &scenario.bottlenecks["eu"].up})
    *way = {.rate = 1000_Mbps, .queue = base::ByteCount::bytes(64 * 1024)};
  return scenario;
}

TEST(Scaled, LeavesASharedLinkRoomForPackets) {
  const netem::ImpairmentSpec down = scaled(shared_link(), 0.005).bottlenecks.at("eu").down;
  EXPECT_EQ(std::get<base::Bitrate>(down.rate), 5_Mbps);
  EXPECT_EQ(std::get<base::ByteCount>(down.queue).count(), 15'000);
  EXPECT_EQ(std::get<base::ByteCount>(scaled(shared_link(), 0.5).bottlenecks.at("eu").down.queue).count(), 32 * 1024);
}

TEST(Scaled, RefusesToLeaveASharedLinkTooLittle) {
  const auto told = [](const Scenario& scenario, double share) -> std::string {
    try {
      scaled(scenario, share);
      return "";
    } catch (const base::InvalidInput& refused) {
      return refused.what();
    }
  };
  EXPECT_THAT(told(shared_link(), 0.0001),
              HasSubstr("--scale: 0.0001 leaves 100kbit down for the viewers of eu: too little for one viewer"));
  Scenario narrow = shared_link();
  narrow.bottlenecks["eu"].up.rate = 100_kbps;
  EXPECT_THAT(told(narrow, 0.005), HasSubstr("--scale: 0.005 leaves 500bit up for the viewers of eu: less than a link can have (1kbit)"));
  narrow.bottlenecks["eu"].down.rate = 100_kbps;  // as it was given
  EXPECT_EQ(told(narrow, 0.5), "");
}

TEST(Scaled, SaysWhoseMediaAreFewerAtTheOrigin) {
  Scenario mixed = whole_scenario();
  mixed.cohorts.resize(2);
  mixed.cohorts[0].region = "eu";
  EXPECT_THAT(scale_note(mixed, 0.1), testing::Not(HasSubstr("regions without edges (eu")));
  mixed.cohorts[1].region = "us";
  EXPECT_THAT(scale_note(mixed, 0.1), HasSubstr("viewers of regions without edges (us) ask the origin for"));
}

TEST(Scaled, SaysWhatWasScaled) {
  EXPECT_THAT(scale_note(whole_scenario(), 0.01), testing::AllOf(HasSubstr("Scaled by 0.01: 1000 of 100000 viewers, and that share of"),
                                                                 HasSubstr("shield and origin are as given")));
  EXPECT_THAT(scale_note(Scenario{.sessions = 100}, 0.5), HasSubstr("50 of 100 viewers. All"));
}

}  // namespace
}  // namespace harness

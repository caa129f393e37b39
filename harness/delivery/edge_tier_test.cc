#include "harness/delivery/edge_tier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/delivery/delivery_notes.h"
#include "harness/delivery/delivery_script.h"

namespace harness {
namespace {

using namespace base::literals;
using testing::Contains;
using testing::HasSubstr;

constexpr const char* kSegment = "http://model/live/main/audio/1.m4s";

struct Tier {
  VirtualWorld world;
  ScriptedContent content;
  int access = 200;
  std::size_t renditions = 1;
  std::unique_ptr<EdgeTier> tier;

  EdgeTier& get() {
    if (!tier)
      tier = std::make_unique<EdgeTier>(content, world,
                                        EdgeTier::Options{.renditions = renditions,
                                                          .edge_host = "http://model",
                                                          .region_of = [](base::ViewerId id) { return index_of(id) < 100 ? "eu" : "us"; },
                                                          .access = [this](base::Instant, const TransportRequest&) { return access; }});
    return *tier;
  }
  ModelReply ask(double second, std::uint32_t viewer, TransportRequest request = {.url = kSegment}) {
    request.viewer = base::ViewerId{viewer};
    request.timeout = 10s;
    return get().reply(at_second(second), request);
  }
  reports::DeliveryRow row(const std::string& server) {
    for (const reports::DeliveryRow& each : get().rows())
      if (each.server == server) return each;
    ADD_FAILURE() << server;
    return {};
  }
};

TEST(EdgeTier, AsksTheEdgeOfTheViewersRegionAndTheOriginForOthers) {
  Tier tier;
  tier.world.edges["eu"] = {.hit_latency = 1ms, .origin_rtt = 20ms};
  EXPECT_EQ(tier.ask(0, 1).think, 23ms);  // the origin thinks 2 ms
  EXPECT_EQ(tier.ask(1, 2).think, 1ms);
  EXPECT_EQ(tier.ask(1, 200).think, 2ms);
  EXPECT_EQ(tier.content.asked[kSegment], 2);
  EXPECT_EQ(tier.row("eu-1").hits, 1u);
  EXPECT_EQ(tier.row("origin").requests, 2u);
}

TEST(EdgeTier, HoldsARequestAsLongAsTheContentWould) {
  Tier tier;
  ModelReply answer;
  const auto announce = [&](double second) { return tier.get().announce({}, at_second(second), {.url = kSegment}, answer); };
  EXPECT_EQ(announce(3), at_second(3));
  tier.content.held = at_second(5);
  EXPECT_EQ(announce(3), at_second(5));
  EXPECT_EQ(announce(6), at_second(6));
}

TEST(EdgeTier, HoldsARequestUntilAnOriginThatFallsBehindHasEncodedIt) {
  Tier tier;
  tier.renditions = 3;
  tier.world.origin.renditions = 1;
  ModelReply answer;
  tier.content.held = at_second(5);
  const base::Instant when = tier.get().announce({}, at_second(9), {.url = kSegment}, answer);
  EXPECT_NEAR(base::to_seconds(when - at_second(0)), 15, 1e-6);
  tier.get().reply(when, {.viewer = base::ViewerId{200}, .url = kSegment});
  EXPECT_GE(tier.content.last_now, at_second(5));
}

TEST(EdgeTier, SendsTokensAndAccountsToTheOrigin) {
  Tier tier;
  tier.world.edges["eu"] = {};
  tier.ask(0, 1, {.method = "POST", .url = "http://control.model/v1/tokens"});
  tier.ask(0, 1, {.url = "http://control.model/v1/entitlements"});
  EXPECT_EQ(tier.row("eu-1").requests, 0u);
  EXPECT_EQ(tier.row("origin").requests, 2u);
  EXPECT_DOUBLE_EQ(tier.row("origin").peak_connections, 1);
}

TEST(EdgeTier, ChecksTokensAtTheEdge) {
  Tier tier;
  tier.world.edges["eu"] = {};
  tier.access = 401;
  EXPECT_EQ(tier.ask(0, 1, {.url = kSegment, .headers = {{"Authorization", "Bearer x"}}}).status, 401);
  EXPECT_EQ(tier.ask(0, 1).status, 200);
  EXPECT_EQ(tier.row("eu-1").passed, 1u);
}

TEST(EdgeTier, TellsTheAgeOfWhatItGives) {
  Tier tier;
  tier.world.edges["eu"] = {.origin_rtt = 0ms};
  tier.ask(0, 1);
  EXPECT_EQ(tier.ask(4.002, 1).caching.age, 4s);  // it was here 2 ms after it was asked for
}

TEST(EdgeTier, FillsEdgesThroughTheShieldSoThatTheOriginIsAskedOnce) {
  Tier tier;
  tier.world.edges["eu"] = {.count = 2, .hit_latency = 1ms, .origin_rtt = 10ms};
  tier.world.shield = CachePlan{.hit_latency = 3ms, .origin_rtt = 30ms};
  for (std::uint32_t viewer = 0; viewer < 100; ++viewer) tier.ask(0, viewer);
  EXPECT_EQ(tier.content.asked[kSegment], 1);
  EXPECT_EQ(tier.row("shield-1").misses, 1u);
  EXPECT_EQ(tier.row("shield-1").coalesced, 1u);
  // 1 at the edge, 10 to the shield, 3 there, 30 to the origin, which thinks 2.
  EXPECT_EQ(tier.row("eu-1").misses + tier.row("eu-2").misses, 2u);
  EXPECT_EQ(tier.row("eu-1").coalesced + tier.row("eu-2").coalesced, 98u);
  Tier alone;
  alone.world = tier.world;
  EXPECT_EQ(alone.ask(0, 1).think, 46ms);
}

TEST(EdgeTier, SpreadsViewersEvenlyOverTheEdges) {
  std::vector<int> count(4);
  for (std::uint32_t viewer = 0; viewer < 40'000; ++viewer) ++count[server_of(base::ViewerId{viewer}, 4)];
  for (const int each : count) EXPECT_NEAR(each, 10'000, 300);
  EXPECT_EQ(server_of(base::ViewerId{7}, 1), 0u);
}

TEST(EdgeTier, RefusesConnectionsBeyondTheLimitUntilOthersLeave) {
  Tier tier;
  tier.world.edges["eu"] = {.connections = 1};
  EXPECT_EQ(tier.ask(0, 1).status, 200);
  EXPECT_EQ(tier.ask(0, 2).failure, "refused");
  tier.get().leave(base::ViewerId{1});
  EXPECT_EQ(tier.ask(1, 2).status, 200);
}

TEST(EdgeTier, CountsFromWhereItIsTold) {
  Tier tier;
  tier.world.edges["eu"] = {};
  tier.ask(0, 1);
  tier.get().measure_from(at_second(10));
  tier.ask(10.5, 1);
  tier.ask(11.5, 1);
  tier.ask(11.9, 1);
  EXPECT_EQ(tier.row("eu-1").requests, 3u);
  EXPECT_THAT(tier.row("eu-1").requests_each_second, testing::ElementsAre(1, 2));
  EXPECT_DOUBLE_EQ(tier.row("eu-1").peak_requests, 2);
  EXPECT_DOUBLE_EQ(tier.row("eu-1").peak_connections, 1);  // still open
}

TEST(DeliveryNotes, SayWhatIsMeasuredAndWhatIsAssumed) {
  Tier tier;
  tier.world.edges["eu"] = {.egress = 8_Mbps};
  tier.world.origin.requests_per_s = 1000;
  tier.world.model.figures = {{"capacity.egress", 900, "at least: no end was in sight"}, {"think.init", 200, "one at a time"}};
  tier.get().measure_from(at_second(0));
  for (int i = 0; i < 3; ++i) tier.ask(2.5, 1);
  const std::vector<std::string> notes = delivery_notes(tier.world, tier.get().rows());
  EXPECT_THAT(notes, Contains(HasSubstr("Assumed: the origin thinks 2ms before each answer of these kinds, which no model gives: master, "
                                        "playlist, init, segment, token, page.")));
  EXPECT_THAT(notes, Contains("The model's capacity.egress: at least: no end was in sight."));
  EXPECT_THAT(notes, testing::Not(Contains(HasSubstr("think.init"))));
  EXPECT_THAT(notes, Contains(HasSubstr("Assumed: the origin has no limit of egress, connections, renditions encoded")));
  EXPECT_THAT(notes, Contains("At the origin a request waits 1s at most (assumed)."));
  EXPECT_THAT(notes,
              Contains(HasSubstr("edges of eu: 1, each: requests/s without limit, egress 8mbit, connections without limit; queue 1s;")));
  EXPECT_THAT(notes, Contains(HasSubstr("segments and init segments for 24h (assumed)")));
}

TEST(DeliveryNotes, SayHowManyConnectionsTheProcessorIsEnoughFor) {
  VirtualWorld world;
  world.model.accept_cpu = 2ms;
  world.model.tls_cpu = 6ms;
  world.model.cores = 2;
  const std::vector<std::string> notes = delivery_notes(world, {});
  EXPECT_THAT(notes,
              Contains("A new connection takes 8ms of the origin's processor time (by the model), and it has 2 cores (by the model): "
                       "enough for 250 new connections a second."));
  EXPECT_THAT(notes, testing::Not(Contains(HasSubstr("Caches: "))));
}

}  // namespace
}  // namespace harness

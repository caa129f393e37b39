#include "harness/delivery/origin_server.h"

#include <gtest/gtest.h>

#include "harness/delivery/delivery_script.h"

namespace harness {
namespace {

using namespace base::literals;

struct Origin {
  VirtualWorld world;
  std::size_t renditions = 3;
  bool live = true;
  base::Duration made{};
  int access = 200;
  ScriptedContent content;
  ObjectIds objects;
  std::optional<OriginServer> server;
  TransportRequest request{.url = "http://model/live/main/audio/1.m4s", .timeout = 10s};

  OriginServer& get() {
    if (!server)
      server.emplace(content, world, objects,
                     OriginServer::Options{.live = live,
                                           .renditions = renditions,
                                           .wall = {at_second(100), {}},
                                           .made = made,
                                           .access = [this](base::Instant, const TransportRequest&) { return access; }});
    return *server;
  }
  Delivery fetch(double second, bool connects = false) {
    OriginServer& origin = get();
    return origin.fetch(at_second(second), {objects.id_of(path_of_url(request.url)), request, connects});
  }
};

TEST(OriginServer, CountsAllWhomARequestStandsFor) {
  Origin origin;
  origin.world.origin.requests_per_s = 100;
  origin.request.weight = 5;
  const base::Duration thinks = origin.fetch(0).ready;
  EXPECT_EQ(origin.fetch(0).ready, 50ms + thinks);
  EXPECT_EQ(origin.get().row().requests, 10u);
  EXPECT_EQ(origin.get().row().bytes, 10'000'000);
}

TEST(OriginServer, AnswersOnceInTwoSecondsWhereItServesHalfARequestASecond) {
  Origin origin;
  origin.world.origin.requests_per_s = 0.5;
  origin.world.origin.queue = 10s;
  EXPECT_EQ(origin.fetch(0).ready, kAssumedThink);
  EXPECT_EQ(origin.fetch(0).ready, 2s + kAssumedThink);
  EXPECT_EQ(origin.fetch(1).ready, 3s + kAssumedThink);
  EXPECT_EQ(origin.fetch(6).ready, kAssumedThink);
}

TEST(OriginServer, ThinksAsItsModelSays) {
  Origin origin;
  origin.world.model.think[static_cast<std::size_t>(ObjectKind::kSegment)] = ThinkTime{};
  origin.world.model.think[static_cast<std::size_t>(ObjectKind::kSegment)]->at[kMedianQuantile] = 7ms;
  EXPECT_EQ(origin.fetch(200).ready, 7ms);
  origin.request.url = "http://model/live/main/manifest.mpd";
  EXPECT_EQ(origin.fetch(200).ready, kAssumedThink);
}

// 1,000 requests a second; a connection costs 10 ms on each of 4 cores: as much of the whole server as 2.5 requests.
TEST(OriginServer, SpendsProcessorTimeOnConnections) {
  Origin origin;
  origin.world.model.requests_per_s = 1000;
  origin.world.model.accept_cpu = 2ms;
  origin.world.model.tls_cpu = 8ms;
  origin.world.model.cores = 4;
  EXPECT_EQ(origin.fetch(200, true).ready, 10ms + kAssumedThink);
  EXPECT_EQ(origin.fetch(200).ready, 3500us + kAssumedThink);
}

// 100 connections a second and no limit of requests; then so few requests a second that they weigh more.
TEST(OriginServer, NamesProcessorTimeWhereConnectionsTakeMostOfIt) {
  Origin origin;
  origin.world.model.accept_cpu = 10ms;
  for (int i = 0; i < 12; ++i) origin.fetch(200, true);
  EXPECT_EQ(origin.get().row().first_limit, "processor");
  EXPECT_FALSE(origin.get().row().requests_limit);
  Origin slow;
  slow.world.model.accept_cpu = 10ms;
  slow.world.model.requests_per_s = 50;
  for (int i = 0; i < 12; ++i) slow.fetch(200, true);
  EXPECT_EQ(slow.get().row().first_limit, "requests");
}

TEST(OriginServer, PrefersWhatTheScenarioSaysOfIt) {
  Origin origin;
  origin.world.model.egress = 8_Mbps;
  origin.world.origin.egress = 16_Mbps;
  EXPECT_EQ(origin.fetch(200).sent, 500ms);  // a megabyte
  EXPECT_EQ(origin.fetch(200).ready, 500ms + kAssumedThink);
}

// Six renditions, room for four: two thirds of the pace. The slot that ends at 12 s is there at 18 s, the one at 14 s at 21 s.
TEST(OriginServer, FallsBehindWithMoreRenditionsThanItCanEncode) {
  Origin origin;
  origin.renditions = 6;
  origin.world.model.renditions = 4;
  EXPECT_EQ(origin.get().encoded_until(at_second(100)), at_second(100));
  EXPECT_EQ(origin.get().encoded_until(at_second(118)), at_second(112));
  EXPECT_EQ(origin.get().encoded_until(at_second(121)), at_second(114));
  origin.fetch(118);
  EXPECT_EQ(origin.content.last_now, at_second(112));
  origin.request.url = "http://model/watch/main";
  origin.fetch(118);
  EXPECT_EQ(origin.content.last_now, at_second(118));
  origin.get().begin(at_second(118));
  EXPECT_EQ(origin.get().row().first_limit, "transcode");
}

// From 110 s on: what ends 4 s later is there after 6.
TEST(OriginServer, FallsBehindNoSoonerThanItIsMeantTo) {
  Origin origin;
  origin.renditions = 6;
  origin.world.model.renditions = 4;
  origin.made = 10s;
  EXPECT_EQ(origin.get().encoded_until(at_second(110)), at_second(110));
  EXPECT_EQ(origin.get().encoded_until(at_second(116)), at_second(114));
  EXPECT_EQ(origin.get().encoded_at(at_second(110)), at_second(110));
  EXPECT_NEAR(base::to_seconds(origin.get().encoded_at(at_second(114)) - at_second(116)), 0, 1e-6);
}

TEST(OriginServer, JudgesTokensByTheRealTimeWhileItIsBehind) {
  Origin origin;
  origin.renditions = 6;
  origin.world.model.renditions = 4;
  origin.access = 401;
  EXPECT_EQ(origin.fetch(118).reply->status, 401);
  EXPECT_TRUE(origin.content.asked.empty());
}

TEST(OriginServer, KeepsUpWithWhatItCanEncodeAndWithFilms) {
  Origin origin;
  origin.renditions = 6;
  origin.world.model.renditions = 6;
  EXPECT_EQ(origin.get().encoded_until(at_second(118)), at_second(118));
  Origin film;
  film.renditions = 6;
  film.world.model.renditions = 4;
  film.live = false;
  EXPECT_EQ(film.get().encoded_until(at_second(118)), at_second(118));
}

}  // namespace
}  // namespace harness

#include "harness/delivery/cache_server.h"

#include <gtest/gtest.h>

#include "harness/delivery/delivery_script.h"

namespace harness {
namespace {

using namespace base::literals;

struct Edge {
  explicit Edge(CachePlan given = {}) : plan{given} {}
  CachePlan plan;
  ScriptedUpstream upstream;
  ObjectIds objects;
  std::optional<CacheServer> server;
  TransportRequest request{.url = "http://model/live/main/audio/1.m4s", .timeout = 10s};

  Delivery get(double second) {
    if (!server) server.emplace(plan, upstream, objects, CacheServer::Options{.segment_duration = 2s});
    return server->fetch(at_second(second), {.object = objects.id_of(path_of_url(request.url)), .request = request});
  }
  reports::DeliveryRow row() { return server->row(); }
};

CachePlan plan_of(base::Duration hit, base::Duration rtt) { return {.hit_latency = hit, .origin_rtt = rtt}; }

// 1 ms at the edge, 20 ms of round trip, 5 ms of thinking, 80 ms until the origin has sent it.
TEST(CacheServer, FetchesAMissAndPassesItOnOnceItHasAllOfIt) {
  Edge edge{plan_of(1ms, 20ms)};
  edge.upstream.sent = 80ms;
  EXPECT_EQ(edge.get(0).ready, 106ms);
  EXPECT_EQ(edge.get(0.06).ready, 46ms);  // waits for the same
  EXPECT_EQ(edge.get(1).ready, 1ms);
  EXPECT_EQ(edge.upstream.asked, 1);
  const reports::DeliveryRow row = edge.row();
  EXPECT_EQ(row.misses, 1u);
  EXPECT_EQ(row.coalesced, 1u);
  EXPECT_EQ(row.hits, 1u);
  EXPECT_EQ(row.upstream_requests, 1u);
  EXPECT_EQ(row.upstream_bytes, 1'000'000);
  EXPECT_EQ(row.bytes, 3'000'000);
}

TEST(CacheServer, AsksOnItsOwnAccount) {
  Edge edge;
  edge.request.headers = {{"Authorization", "Bearer x"}, {"If-None-Match", "\"old\""}};
  EXPECT_EQ(edge.get(0).reply->status, 200);
  EXPECT_FALSE(edge.upstream.showed_token);
  EXPECT_EQ(edge.upstream.last_condition, "");
}

TEST(CacheServer, SaysThatWhatTheViewerHasStillHolds) {
  Edge edge;
  edge.upstream.next.caching.etag = "\"a\"";
  edge.request.headers = {{"If-None-Match", "\"a\""}};
  const Delivery delivery = edge.get(0);
  EXPECT_EQ(delivery.reply->status, 304);
  EXPECT_EQ(size_of(*delivery.reply).count(), 0);
  EXPECT_EQ(edge.row().bytes, 0);
  EXPECT_EQ(edge.row().upstream_bytes, 1'000'000);
}

TEST(CacheServer, RevalidatesWhatHasExpired) {
  Edge edge;
  edge.upstream.next.caching.etag = "\"a\"";
  edge.get(0);
  EXPECT_EQ(edge.get(20).reply->status, 200);
  EXPECT_EQ(edge.upstream.last_condition, "\"a\"");
  EXPECT_EQ(edge.row().upstream_revalidated, 1u);
  EXPECT_EQ(edge.row().upstream_bytes, 1'000'000);  // of the first time alone
  EXPECT_EQ(edge.get(25).age, 5s - 25ms);           // counted from the confirmation, which took 25 ms
}

TEST(CacheServer, ServesStaleOnErrorWithinItsTime) {
  Edge edge;
  edge.plan.stale_if_error = 30s;
  edge.get(0);
  edge.upstream.next = {.status = 503};
  EXPECT_EQ(edge.get(20).reply->status, 200);
  EXPECT_EQ(edge.get(50).reply->status, 503);
  EXPECT_EQ(edge.row().stale_on_error, 1u);
}

TEST(CacheServer, RevalidatesBesideTheAnswerWhileStaleIsAllowed) {
  Edge edge{plan_of(1ms, 20ms)};
  edge.plan.stale_while_revalidate = 5s;
  edge.get(0);
  EXPECT_EQ(edge.get(12).ready, 1ms);
  EXPECT_EQ(edge.get(12.001).ready, 1ms);
  EXPECT_EQ(edge.upstream.asked, 2);
  EXPECT_EQ(edge.row().stale, 2u);
}

TEST(CacheServer, KeepsNothingThatMustNotBeStored) {
  Edge edge;
  edge.upstream.next.caching = {.no_store = true};
  edge.get(0);
  edge.get(0.001);
  EXPECT_EQ(edge.upstream.asked, 2);
}

// 10 requests a second, at most 200 ms of waiting: of four in one instant the first three get through.
TEST(CacheServer, RefusesBeyondItsQueue) {
  Edge edge{plan_of(1ms, 20ms)};
  edge.plan.requests_per_s = 10;
  edge.plan.queue = 200ms;
  edge.get(0);
  EXPECT_EQ(edge.get(10).ready, 1ms);
  EXPECT_EQ(edge.get(10).ready, 101ms);
  EXPECT_EQ(edge.get(10).ready, 201ms);
  const Delivery refused = edge.get(10);
  EXPECT_EQ(refused.reply->status, 503);
  EXPECT_EQ(refused.reply->retry_after, 1s);
  EXPECT_EQ(edge.row().refused, 1u);
  EXPECT_EQ(edge.row().first_limit, "requests");
}

// 8 Mbit/s carry a megabyte in a second: the second in line waits that long, and the limit is met.
TEST(CacheServer, MakesBodiesWaitForItsEgress) {
  Edge edge{plan_of(1ms, 0ms)};
  edge.plan.egress = 8_Mbps;
  edge.get(0);
  EXPECT_EQ(edge.get(5).ready, 1ms);
  EXPECT_EQ(edge.get(5).ready, 1ms + 1s);
  EXPECT_EQ(edge.get(5.5).ready, 1ms + 1500ms);
  EXPECT_EQ(edge.get(5.5).sent, 1s);
  const reports::DeliveryRow row = edge.row();
  EXPECT_EQ(row.first_limit, "egress");
  EXPECT_DOUBLE_EQ(row.first_limit_at.value(), 5);
  EXPECT_DOUBLE_EQ(row.first_limit_connections.value(), 0);
  EXPECT_DOUBLE_EQ(row.peak_egress, 4 * 8e6);
}

// Those who come with the first wait for its fetch.
TEST(CacheServer, CountsAllWhomARequestStandsFor) {
  Edge edge{{.egress = base::Bitrate::bits_per_second(80'000'000), .requests_per_s = 1000}};
  edge.request.weight = 10;
  edge.get(0);
  EXPECT_EQ(edge.upstream.asked, 1);
  const Delivery second = edge.get(0.002);
  EXPECT_EQ(second.ready, plan_of(1ms, 20ms).hit_latency + 23ms + 8ms + (1s - 2ms));  // the fetch, ten requests, ten bodies
  const reports::DeliveryRow row = edge.row();
  EXPECT_EQ(row.requests, 20u);
  EXPECT_EQ(row.misses, 1u);
  EXPECT_EQ(row.coalesced, 19u);
  EXPECT_EQ(row.bytes, 20'000'000);
  EXPECT_EQ(row.upstream_requests, 1u);
  EXPECT_EQ(row.upstream_bytes, 1'000'000);
}

TEST(CacheServer, AsksForEachOfThemWhereTheyDoNotWaitForOneAnother) {
  Edge edge{{.coalesce = false}};
  edge.request.weight = 10;
  edge.get(0);
  const reports::DeliveryRow row = edge.row();
  EXPECT_EQ(row.misses, 10u);
  EXPECT_EQ(row.coalesced, 0u);
  EXPECT_EQ(row.upstream_requests, 10u);
  EXPECT_EQ(row.upstream_bytes, 10'000'000);
}

TEST(CacheServer, HoldsItsConnectionLimit) {
  Edge edge;
  edge.plan.connections = 2;
  edge.get(0);
  EXPECT_TRUE(edge.server->connect(at_second(1)));
  EXPECT_TRUE(edge.server->connect(at_second(1)));
  EXPECT_FALSE(edge.server->connect(at_second(2)));
  edge.server->disconnect();
  EXPECT_TRUE(edge.server->connect(at_second(3)));
  EXPECT_EQ(edge.row().first_limit, "connections");
  EXPECT_DOUBLE_EQ(edge.row().first_limit_at.value(), 2);
  EXPECT_DOUBLE_EQ(edge.row().first_limit_connections.value(), edge.row().connections_limit.value());
  EXPECT_DOUBLE_EQ(edge.row().peak_connections, 2);
}

TEST(FreshInCache, FollowsThePlanThenTheAnswerThenTheKind) {
  const CachePlan plain, told{.playlist_ttl = 3s, .segment_ttl = 1min};
  const auto fresh = [](const CachePlan& plan, ObjectKind kind, CacheFields fields) { return fresh_in_cache(plan, kind, fields, 2s); };
  EXPECT_EQ(fresh(told, ObjectKind::kPlaylist, {.no_cache = true}), 3s);
  EXPECT_EQ(fresh(told, ObjectKind::kSegment, {.max_age = 1h}), 1min);
  EXPECT_EQ(fresh(told, ObjectKind::kInit, {.max_age = 1h}), 1h);
  EXPECT_EQ(fresh(plain, ObjectKind::kPlaylist, {.max_age = 10s, .age = 4s}), 6s);
  EXPECT_EQ(fresh(plain, ObjectKind::kPlaylist, {.no_cache = true}), 0s);
  EXPECT_EQ(fresh(plain, ObjectKind::kPlaylist, {}), 1s);  // half a segment
  EXPECT_EQ(fresh(plain, ObjectKind::kSegment, {}), 24h);
  EXPECT_EQ(fresh(plain, ObjectKind::kPage, {}), 0s);
  EXPECT_EQ(fresh(told, ObjectKind::kSegment, {.no_store = true}), std::nullopt);
}

}  // namespace
}  // namespace harness

#include "reports/formats/words/breaks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace reports {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

// Full with 100 of the 400 viewers that it has at most.
DeliveryRow full_edge(const char* name, double at) {
  return {.server = name,
          .role = "edge",
          .region = "eu",
          .peak_egress = 1.5e9,
          .peak_connections = 400,
          .egress_limit = 1e9,
          .first_limit = "egress",
          .first_limit_at = at,
          .first_limit_connections = 100};
}

StoredRun run_with(std::vector<DeliveryRow> delivery) {
  StoredRun run;
  for (int second = 0; second < 10; ++second)
    run.series.push_back({.at = static_cast<double>(second), .active = static_cast<std::uint32_t>(100 * second)});
  run.delivery = std::move(delivery);
  return run;
}

std::vector<std::string> servers_of(const std::vector<Break>& all) {
  std::vector<std::string> out;
  for (const Break& each : all) out.push_back(each.server);
  return out;
}

TEST(Breaks, AreNoneWhereNoLimitWasMet) { EXPECT_TRUE(breaks(run_with({{.server = "origin", .role = "origin"}})).empty()); }

TEST(Breaks, NameTheFirstServerOfEachGroupInTheOrderOfTime) {
  const DeliveryRow origin{
      .server = "origin", .role = "origin", .peak_requests = 90, .requests_limit = 50, .first_limit = "requests", .first_limit_at = 1};
  const std::vector<Break> all = breaks(run_with({full_edge("eu-1", 6), full_edge("eu-2", 4), origin}));
  EXPECT_THAT(servers_of(all), ElementsAre("origin", "eu-2"));
  EXPECT_EQ(all[1].servers, 2u);
  EXPECT_EQ(all[1].met, 2u);
  EXPECT_EQ(all[1].last_at, 6);
}

TEST(Breaks, ReckonWhatAllViewersNeedFromThoseWhoWereThere) {
  const Break edge = breaks(run_with({full_edge("eu-1", 4)})).at(0);
  EXPECT_EQ(edge.active, 400u);
  EXPECT_EQ(edge.viewers, 100);
  EXPECT_EQ(edge.needed, 4e9);
  DeliveryRow hardly = full_edge("eu-1", 4);
  hardly.first_limit_connections = 390;
  EXPECT_EQ(breaks(run_with({hardly})).at(0).needed, 1.5e9) << "what the busiest second asked for";
}

TEST(Breaks, ReckonNothingFromViewersWhoAreElsewhere) {
  DeliveryRow origin = full_edge("origin", 4);
  origin.role = "origin";
  EXPECT_EQ(breaks(run_with({origin})).at(0).needed, 4e9) << "they come to the origin itself";
  const std::vector<Break> all = breaks(run_with({full_edge("eu-1", 3), origin}));
  EXPECT_EQ(all.at(1).needed, 1.5e9);
  EXPECT_EQ(all.at(1).viewers, std::nullopt);
}

TEST(Breaks, ReadAsSentences) {
  EXPECT_EQ(
      in_words(breaks(run_with({full_edge("eu-1", 4), {.server = "eu-2", .role = "edge", .region = "eu"}})).at(0)),
      "eu-1 met its limit, 1 Gbit/s of egress, at 4.0 s with 400 sessions active, 100 of them on it. None of the other edges of eu met "
      "one. Its busiest second asked for 1.5 Gbit/s of egress. The 400 viewers that it has at most would need 4 Gbit/s of egress, each "
      "taking as much as when it was full.");
  EXPECT_THAT(in_words(breaks(run_with({full_edge("eu-1", 4), full_edge("eu-2", 5)})).at(0)),
              HasSubstr("All of the 2 edges of eu did, the last at 5.0 s."));
  const DeliveryRow encoders{
      .server = "origin", .role = "origin", .renditions = 6, .renditions_limit = 4, .first_limit = "transcode", .first_limit_at = 0};
  EXPECT_THAT(in_words(breaks(run_with({encoders})).at(0)),
              HasSubstr("4 renditions in real time, at 0.0 s with 0 sessions active. It encodes 6."));
  DeliveryRow refusing = full_edge("eu-1", 4);
  refusing.first_limit = "connections";
  refusing.connections_limit = 400;
  EXPECT_THAT(in_words(breaks(run_with({refusing})).at(0)),
              testing::AllOf(HasSubstr("400 connections, at 4.0 s"), HasSubstr("got no connection"), Not(HasSubstr("busiest"))));
}

}  // namespace
}  // namespace reports

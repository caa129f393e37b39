#include "reports/formats/words/breaks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace reports {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

// Full with 100 of the 400 viewers that it has at most; each takes 5 Mbit/s.
DeliveryRow full_edge(const char* name, double at) {
  std::vector<double> egress;  // of as many viewers as there are in the middle of each second
  for (int second = 0; second < 12; ++second) egress.push_back((second + 0.5) / 12 * 100 * 5e6);
  return {.server = name,
          .role = "edge",
          .region = "eu",
          .longest_wait = 0.5,
          .peak_egress = 1.5e9,
          .peak_connections = 400,
          .egress_limit = 1e9,
          .first_limit = "egress",
          .first_limit_at = at,
          .first_limit_connections = 100,
          .egress_each_second = egress};
}

StoredRun run_with(std::vector<DeliveryRow> delivery) {
  StoredRun run;
  for (int second = 0; second < 20; ++second)
    run.series.push_back({.at = static_cast<double>(second), .active = static_cast<std::uint32_t>(100 * second)});
  run.delivery = std::move(delivery);
  return run;
}

std::vector<std::string> servers_of(const std::vector<Break>& all) {
  std::vector<std::string> out;
  for (const Break& each : all) out.push_back(each.server);
  return out;
}

TEST(Breaks, OfALinkThatARegionShares) {
  const auto all = breaks(run_with({full_edge("eu-1", 12),
                                    {.server = "eu down",
                                     .role = "bottleneck",
                                     .region = "eu",
                                     .refused = 1234,
                                     .longest_wait = 0.05,
                                     .peak_egress = 152e6,
                                     .egress_limit = 150e6,
                                     .first_limit = "link",
                                     .first_limit_at = 4}}));
  ASSERT_THAT(servers_of(all), ElementsAre("eu down", "eu-1"));
  EXPECT_EQ(all.front().group, "link of eu down");
  EXPECT_EQ(
      in_words(all.front()),
      "eu down met its limit, 150 Mbit/s, at 4.0 s with 400 sessions active. Its queue was full: packets waited up to 50 ms, and more "
      "were lost. In its busiest second 152 Mbit/s came.");
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

TEST(Breaks, OfARunThatEndedInItsWarmUp) {
  StoredRun run;
  run.timeline = {{.at = -2, .kind = "phase", .name = "warmup", .what = "began"}};
  run.delivery = {{.server = "origin",
                   .role = "origin",
                   .longest_wait = 1,
                   .peak_requests = 4,
                   .peak_connections = 2,
                   .requests_limit = 0.5,
                   .first_limit = "requests",
                   .first_limit_at = 0.5,
                   .first_limit_connections = 1}};
  EXPECT_EQ(in_words(breaks(run).at(0)),
            "origin met its limit, 0.5 requests/s, at 0.5 s of the warm-up. Its busiest second asked for 4 requests/s, and answers waited "
            "up to 1 s.");
}

TEST(Breaks, NameProcessorTimeThatRanOut) {
  const DeliveryRow origin{.server = "origin",
                           .role = "origin",
                           .longest_wait = 0.25,
                           .peak_requests = 90,
                           .peak_connections = 80,
                           .first_limit = "processor",
                           .first_limit_at = 4,
                           .first_limit_connections = 40};
  EXPECT_EQ(in_words(breaks(run_with({origin})).at(0)),
            "origin met its limit, processor time for new connections, at 4.0 s with 400 sessions active, 40 of them on it. Answers waited "
            "up to 250 ms.");
}

TEST(Breaks, ReckonWhatAllViewersTakeFromThoseBefore) {
  const Break edge = breaks(run_with({full_edge("eu-1", 12)})).at(0);
  EXPECT_EQ(edge.active, 1200u);
  EXPECT_EQ(edge.viewers, 100);
  EXPECT_NEAR(edge.needed.value(), 400 * 5e6, 400 * 0.1e6);
}

TEST(Breaks, ReckonNothingFromTheVeryStart) { EXPECT_EQ(breaks(run_with({full_edge("eu-1", 9.5)})).at(0).needed, std::nullopt); }

TEST(Breaks, ReckonNothingFromViewersWhoAreElsewhere) {
  DeliveryRow origin = full_edge("origin", 12);
  origin.role = "origin";
  EXPECT_TRUE(breaks(run_with({origin})).at(0).needed.has_value()) << "they come to the origin itself";
  const std::vector<Break> all = breaks(run_with({full_edge("eu-1", 11), origin}));
  EXPECT_EQ(all.at(1).needed, std::nullopt);
  EXPECT_EQ(all.at(1).viewers, std::nullopt);
}

TEST(Breaks, ReadAsSentences) {
  EXPECT_EQ(
      in_words(breaks(run_with({full_edge("eu-1", 12), {.server = "eu-2", .role = "edge", .region = "eu"}})).at(0)),
      "eu-1 met its limit, 1 Gbit/s of egress, at 12.0 s with 1200 sessions active, 100 of them on it. None of the other edges of eu met "
      "one. Its busiest second asked for 1.5 Gbit/s of egress, and answers waited up to 500 ms. The 400 viewers that it has at most take "
      "2 Gbit/s of egress on average, as those before took: more than it has.");
  DeliveryRow roomy = full_edge("eu-1", 12);
  roomy.egress_limit = 3e9;
  EXPECT_THAT(in_words(breaks(run_with({roomy, full_edge("eu-2", 13)})).at(0)),
              testing::AllOf(HasSubstr("All of the 2 edges of eu did, the last at 13.0 s."),
                             HasSubstr("less than it has, so that only bursts wait")));
  const DeliveryRow encoders{
      .server = "origin", .role = "origin", .renditions = 6, .renditions_limit = 4, .first_limit = "transcode", .first_limit_at = 0};
  EXPECT_THAT(in_words(breaks(run_with({encoders})).at(0)),
              HasSubstr("4 renditions in real time, at 0.0 s with 0 sessions active. It encodes 6."));
  DeliveryRow refusing = full_edge("eu-1", 12);
  refusing.first_limit = "connections";
  refusing.connections_limit = 400;
  EXPECT_THAT(in_words(breaks(run_with({refusing})).at(0)),
              testing::AllOf(HasSubstr("400 connections, at 12.0 s"), HasSubstr("got no connection"), Not(HasSubstr("busiest"))));
}

}  // namespace
}  // namespace reports

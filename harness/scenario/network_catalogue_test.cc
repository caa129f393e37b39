// The networks that come with Rehearsal, where in their traces viewers begin, and what reports say about them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/scenario/catalogue.h"
#include "harness/scenario/link_words.h"
#include "harness/scenario/trace_origin.h"

namespace harness {
namespace {

using namespace base::literals;
using base::Instant;
using testing::IsEmpty;

const netem::Trace& downlink_trace(const netem::LinkSpec& link) { return *std::get<std::shared_ptr<const netem::Trace>>(link.down.rate); }

TEST(NetworkCatalogue, HoldsValidLinksOnly) {
  for (const auto& [name, network] : built_in_catalogue().networks) {
    EXPECT_THAT(netem::faults_of(network.link.down), IsEmpty()) << name;
    EXPECT_THAT(netem::faults_of(network.link.up), IsEmpty()) << name;
  }
}

TEST(NetworkCatalogue, NamesTheSourceOfEveryPublicProfile) {
  for (const auto& [name, network] : built_in_catalogue().networks)
    EXPECT_EQ(!network.source.empty(), name.starts_with("atc-") || name.starts_with("twitch-")) << name;
}

TEST(NetworkCatalogue, KeepsThePublishedTwitchPatterns) {
  const auto& networks = built_in_catalogue().networks;
  EXPECT_EQ(netem::length_of(downlink_trace(networks.at("twitch-cascade").link)), 150s);
  EXPECT_EQ(netem::mean_rate(downlink_trace(networks.at("twitch-cascade").link)), 880_kbps);
  EXPECT_EQ(netem::length_of(downlink_trace(networks.at("twitch-fast-jitters").link)), 11'600ms);
}

TEST(NetworkCatalogue, MovesAroundThreeMegabitWhenMobileIsUnstable) {
  const netem::Trace& trace = downlink_trace(built_in_catalogue().networks.at("mobile-unstable").link);
  EXPECT_NEAR(static_cast<double>(netem::mean_rate(trace).bps()), 3e6, 0.3e6);
  for (const netem::TraceStep& step : trace.steps) {
    EXPECT_GE(step.rate, 600_kbps);
    EXPECT_LE(step.rate, 6_Mbps);
  }
}

TEST(NetworkCatalogue, HasOutagesOnTheTrain) {
  const netem::Trace& trace = downlink_trace(built_in_catalogue().networks.at("train").link);
  base::Duration dark{};
  for (const netem::TraceStep& step : trace.steps)
    if (step.rate == base::Bitrate{}) dark += step.lasts;
  EXPECT_GT(dark, netem::length_of(trace) / 20);
}

// ---- origins

Network traced(TraceStart start) {
  Network network{.trace_start = start};
  network.link.down.rate = std::make_shared<const netem::Trace>(netem::Trace{"t", {{60s, 1_Mbps, {}}}});
  return network;
}
constexpr Instant kLive{1000s}, kArrival{1007s};

TEST(TraceOrigin, IsTheArrivalOfASession) { EXPECT_EQ(trace_origin(traced(TraceStart::kSession), kLive, kArrival, 1), kArrival); }
TEST(TraceOrigin, IsTheStartOfTheRun) { EXPECT_EQ(trace_origin(traced(TraceStart::kRun), kLive, kArrival, 1), kLive); }

TEST(TraceOrigin, IsSpreadOverTheTraceAtRandom) {
  const Network network = traced(TraceStart::kRandom);
  double sum = 0;
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    const base::Duration into = kArrival - trace_origin(network, kLive, kArrival, seed);
    ASSERT_GE(into, 0s);
    ASSERT_LT(into, 60s);
    sum += base::to_seconds(into);
  }
  EXPECT_NEAR(sum / 1000, 30, 2) << "3.6 standard errors of a uniform spread";
}

TEST(TraceOrigin, IsTheSameForTheSameSeed) {
  const Network network = traced(TraceStart::kRandom);
  EXPECT_EQ(trace_origin(network, kLive, kArrival, 7), trace_origin(network, kLive, kArrival, 7));
  EXPECT_NE(trace_origin(network, kLive, kArrival, 7), trace_origin(network, kLive, kArrival, 8));
}

// ---- words

TEST(LinkWords, TellRateJitterAndLoss) {
  EXPECT_EQ(in_words({.rate = 30_Mbps, .jitter = {.deviation = 3ms}, .loss = netem::RandomLoss{0.001}}),
            "30 Mbit/s, 3 ms jitter, 0.1 % loss");
  EXPECT_EQ(in_words({.loss = netem::BurstLoss{.to_bad = 0.01, .to_good = 0.09}, .duplicate = 0.02, .reorder = 0.5}),
            "unlimited, 10 % loss in bursts, 2 % duplicated, 50 % reordered");
}

TEST(LinkWords, TellATraceByItsMeanAndRange) {
  EXPECT_EQ(in_words(built_in_catalogue().networks.at("twitch-spike").link.down),
            "trace twitch-spike, 767 kbit/s on average (300 kbit/s to 1.2 Mbit/s)");
}

TEST(LinkWords, FillTheConfiguredHalfOfARow) {
  const Network& dsl = built_in_catalogue().networks.at("atc-2g-developing-rural");
  const reports::LinkRow row = configured_link({.name = "c", .network = "n"}, dsl, "tun", 12);
  EXPECT_EQ(row.cohort, "c");
  EXPECT_EQ(row.sessions, 12u);
  EXPECT_EQ(row.down, "20 kbit/s, 2 % loss");
  EXPECT_EQ(row.configured_rtt_ms, 1300);
  EXPECT_EQ(row.configured_loss_up, 0.02);
  EXPECT_EQ(row.configured_rate_down, 20'000);
  EXPECT_EQ(row.rtt_ms, std::nullopt);
}

}  // namespace
}  // namespace harness

#include "harness/run/link_ledger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace harness {
namespace {

using namespace base::literals;

constexpr base::Instant kStart{1000s};
constexpr base::ViewerId kAnna{0}, kBert{1};

Scenario one_cohort(netem::Rate rate) {
  Scenario scenario;
  scenario.cohorts = {{.name = "all", .share = 1, .device = "ios", .network = "mine", .region = "eu"}};
  scenario.networks["mine"] = {.name = "mine", .link = {.down = {.rate = std::move(rate), .delay = 10ms}, .up = {.delay = 10ms}}};
  return scenario;
}

RequestDone answer(std::int64_t bytes, base::Duration ttfb, base::Duration took) {
  return {.kind = RequestKind::kVideo, .status = 200, .bytes = base::ByteCount::bytes(bytes), .ttfb = ttfb, .took = took};
}

reports::LinkRow row_of(const LinkLedger& ledger) { return ledger.rows("tun").at(0); }

TEST(LinkLedger, GoodputCountsWhatCameAfterTheFirstPacketOverTheTimeItTook) {
  const Scenario scenario = one_cohort(8_Mbps);
  LinkLedger ledger{scenario};
  ledger.open({.viewer = kAnna, .origin = kStart}, kStart);
  ledger.note(kAnna, kStart + 2s, answer(1'001'448, 1s, 2s));
  ledger.close(kAnna, {});
  EXPECT_DOUBLE_EQ(row_of(ledger).goodput.value(), 8e6);
  EXPECT_DOUBLE_EQ(row_of(ledger).loading_seconds, 1);
}

TEST(LinkLedger, AnswersThatOverlapShareTheirTime) {
  const Scenario scenario = one_cohort(8_Mbps);
  LinkLedger ledger{scenario};
  ledger.open({.viewer = kAnna, .origin = kStart}, kStart);
  ledger.note(kAnna, kStart + 2s, answer(501'448, 500ms, 1s));      // 1.5 s to 2 s
  ledger.note(kAnna, kStart + 3s, answer(500'000, 200ms, 1300ms));  // 1.9 s to 3 s
  ledger.note(kAnna, kStart + 3s, answer(500'000, 500ms, 1900ms));  // 1.6 s to 3 s
  ledger.note(kAnna, kStart + 10s, answer(501'448, 500ms, 1s));     // 9.5 s to 10 s
  ledger.close(kAnna, {});
  EXPECT_DOUBLE_EQ(row_of(ledger).loading_seconds, 2);
  EXPECT_DOUBLE_EQ(row_of(ledger).goodput.value(), 2'000'000 * 8 / 2.0);
}

TEST(LinkLedger, CapacityIsWhatTheTraceOffersInThatTime) {
  const auto trace = std::make_shared<netem::Trace>(netem::Trace{.steps = {{.lasts = 1s, .rate = 4_Mbps}, {.lasts = 1s, .rate = 2_Mbps}}});
  const Scenario scenario = one_cohort(trace);
  LinkLedger ledger{scenario};
  ledger.open({.viewer = kAnna, .origin = kStart}, kStart);
  ledger.note(kAnna, kStart + 1500ms, answer(250'000, 500ms, 1500ms));  // half a second of each
  ledger.close(kAnna, {});
  EXPECT_NEAR(row_of(ledger).capacity.value(), 3e6, 10);
}

TEST(LinkLedger, AnUnlimitedLinkHasNoCapacity) {
  const Scenario scenario = one_cohort(netem::Unlimited{});
  LinkLedger ledger{scenario};
  ledger.open({.viewer = kAnna, .origin = kStart}, kStart);
  ledger.note(kAnna, kStart + 1s, answer(250'000, 500ms, 1s));
  ledger.close(kAnna, {});
  EXPECT_FALSE(row_of(ledger).capacity.has_value());
  EXPECT_TRUE(row_of(ledger).goodput.has_value());
}

TEST(LinkLedger, TheFirstHandshakeOfAViewerTellsTheIdleLink) {
  const Scenario scenario = one_cohort(8_Mbps);
  LinkLedger ledger{scenario};
  ledger.open({.viewer = kAnna, .origin = kStart}, kStart);
  ledger.close(kAnna, {.connections = {{2, 90ms, 19ms, 99ms}, {1, 20ms, 18ms, 31ms}, {3, 21ms, 18ms, 30ms}}});
  EXPECT_EQ(row_of(ledger).connections, 3u);
  EXPECT_NEAR(row_of(ledger).rtt_handshake_ms.value(), 20, 0.1);
  EXPECT_NEAR(row_of(ledger).rtt_ms.value(), 31, 0.2);
}

TEST(LinkLedger, CountersOfAllViewersAreAdded) {
  const Scenario scenario = one_cohort(8_Mbps);
  LinkLedger ledger{scenario};
  for (const base::ViewerId viewer : {base::ViewerId{0}, base::ViewerId{1}}) {
    ledger.open({.viewer = viewer, .origin = kStart}, kStart);
    ledger.close(viewer,
                 {.reading = netem::LinkReading{.down = {.offered = 100, .lost = 3, .overflowed = 2}, .up = {.offered = 50, .lost = 1}}});
  }
  const reports::LinkRow row = row_of(ledger);
  EXPECT_EQ(row.sessions, 2u);
  EXPECT_EQ(row.packets_down, 200u);
  EXPECT_EQ(row.lost_down, 6u);
  EXPECT_EQ(row.overflowed_down, 4u);
  EXPECT_EQ(row.lost_up, 2u);
}

TEST(LinkLedger, TheMeanDownlinkFollowsTheTraceOfEveryOpenLink) {
  const auto trace = std::make_shared<netem::Trace>(netem::Trace{.steps = {{.lasts = 1s, .rate = 4_Mbps}, {.lasts = 1s, .rate = 2_Mbps}}});
  const Scenario scenario = one_cohort(trace);
  LinkLedger ledger{scenario};
  ledger.open({.viewer = kAnna, .origin = kStart}, kStart);
  EXPECT_EQ(ledger.offered(kStart, kStart + 1s).mean(), 4e6);
  EXPECT_EQ(ledger.offered(kStart + 500ms, kStart + 1500ms).mean(), 3e6);
  ledger.open({.viewer = kBert, .origin = kStart + 1s}, kStart + 1s);
  EXPECT_EQ(ledger.offered(kStart + 1s, kStart + 2s).mean(), 3e6) << "Anna's has 2 Mbit/s, Bert's begins with 4";
  ledger.close(kAnna, {});
  EXPECT_EQ(ledger.offered(kStart + 1s, kStart + 2s).mean(), 4e6);
}

TEST(LinkLedger, ALinkCountsFromItsOpeningOn) {
  const auto trace = std::make_shared<netem::Trace>(netem::Trace{.steps = {{.lasts = 1s, .rate = 4_Mbps}, {.lasts = 1s, .rate = 2_Mbps}}});
  const Scenario scenario = one_cohort(trace);
  LinkLedger ledger{scenario};
  ledger.open({.viewer = kAnna, .origin = kStart + 750ms}, kStart + 750ms);
  EXPECT_EQ(ledger.offered(kStart, kStart + 1s).mean(), 4e6);
}

TEST(LinkLedger, ThereIsNoMeanDownlinkOfSeveralNetworksNorOfNoLink) {
  Scenario scenario = one_cohort(8_Mbps);
  EXPECT_EQ((LinkLedger{scenario}.offered(kStart, kStart + 1s).mean()), std::nullopt);
  scenario.cohorts.push_back({.name = "more", .share = 1, .device = "ios", .network = "other", .region = "eu"});
  scenario.networks["other"] = scenario.networks["mine"];
  LinkLedger ledger{scenario};
  ledger.open({.viewer = kAnna, .origin = kStart}, kStart);
  EXPECT_EQ(ledger.offered(kStart, kStart + 1s).mean(), std::nullopt);
}

TEST(LinkLedger, ThereIsNoMeanDownlinkWithoutARate) {
  const Scenario scenario = one_cohort(netem::Unlimited{});
  LinkLedger ledger{scenario};
  ledger.open({.viewer = kAnna, .origin = kStart}, kStart);
  EXPECT_EQ(ledger.offered(kStart, kStart + 1s).mean(), std::nullopt);
}

TEST(LinkLedger, WhatWasNotMeasuredIsAbsent) {
  const Scenario scenario = one_cohort(8_Mbps);
  LinkLedger ledger{scenario};
  ledger.open({.viewer = kAnna, .origin = kStart}, kStart);
  ledger.close(kAnna, {});
  const reports::LinkRow row = row_of(ledger);
  EXPECT_FALSE(row.goodput || row.capacity || row.rtt_handshake_ms || row.rtt_ms);
  EXPECT_DOUBLE_EQ(row.configured_rtt_ms, 20);
}

TEST(LoadingTime, ForgetsWhatNoLaterAnswerCanTouch) {
  LoadingTime loading;
  loading.add({kStart, kStart + 1s}, 1_B);
  loading.add({kStart + 300s, kStart + 301s}, 1_B);
  EXPECT_EQ(loading.take_settled(kStart + 301s).size(), 1u);
  EXPECT_EQ(loading.take_all().size(), 1u);
}

}  // namespace
}  // namespace harness

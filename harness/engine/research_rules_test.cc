// The research rules by numbers worked out by hand. harness/abr/sabre_figures_test.cc plays whole films.
#include <gtest/gtest.h>

#include <cmath>

#include "harness/engine/bola_rule.h"
#include "harness/engine/l2a_rule.h"
#include "harness/engine/latency_estimator.h"
#include "harness/engine/robust_mpc_rule.h"
#include "harness/engine/sabre_throughput.h"

namespace harness {
namespace {

using namespace base::literals;

const std::vector<base::Bitrate> kOctaves{500_kbps, 1000_kbps, 2000_kbps, 4000_kbps};

AbrSnapshot research(base::Bitrate estimate, base::Duration buffer) {
  return {.ladder = kOctaves,
          .estimate = estimate,
          .buffer = buffer,
          .segment_duration = 2s,
          .buffer_target = 20s,
          .segment = 100,
          .segments_left = 100};
}

AbrReport report(std::size_t rendition, base::ByteCount size, base::Duration took) {
  return {.rendition = rendition, .size = size, .took = took, .to_first_byte = 0s, .buffer = 10s, .segment_duration = 2s};
}

const sabre::Film kFilm{.kbps = {500, 1000, 2000, 4000}, .segment_ms = 2000, .buffer_ms = 20'000};

std::unique_ptr<AbrRule> rule_of(AbrKind kind) {
  Device device;
  device.abr = kind;
  return make_abr_rule(device);
}

// 2 s x 2000 kbit/s over 2 Mbit/s lasts 2 s: in time only without latency; with 100 ms, 4000 kbit need 2105 kbit/s.
TEST(HighestInTime, CountsTheWaitForTheFirstByte) {
  EXPECT_EQ(sabre::highest_in_time(kFilm, 2000, 0), 2u);
  EXPECT_EQ(sabre::highest_in_time(kFilm, 2000, 100), 1u);
  EXPECT_EQ(sabre::highest_in_time(kFilm, 2106, 100), 2u);
}

// At 4 Mbit/s a buffer of 2 s is safe for 0.9 x 8 = 7.2 Mbit: less than the top segment's 8, more than 4. Then for 0.81 x 8; at last for
// half.
TEST(InsufficientBuffer, TrustsTheBufferLessAndLess) {
  sabre::InsufficientBuffer rule;
  const auto capped = [&rule](double level_ms) { return rule.cap(kFilm, {.level_ms = level_ms, .kbps = 4000}, 3); };
  EXPECT_EQ(capped(2000), 2u);
  EXPECT_EQ(capped(3000), 3u);  // 0.81 x 12 = 9.72
  for (int i = 0; i < 10; ++i) capped(3000);
  EXPECT_EQ(capped(3000), 2u);  // 6
  EXPECT_EQ(capped(4000), 3u);  // 8
  EXPECT_EQ(capped(400), 0u);   // 0.8: not even 2
}

// A top segment of 8 Mbit of which 1 came in 1.1 s, 100 ms of them latency: the rest takes 7 s, more than 1.8 x 2. At 0.9 Mbit/s only
// 500 kbit/s are in time.
TEST(SabreThroughput, GivesUpWhatTakesTooLong) {
  sabre::Throughput rule{kFilm};
  const sabre::Download slow{.rendition = 3, .bits = 8e6, .bits_here = 1e6, .ms = 1100, .latency_ms = 100};
  EXPECT_EQ(rule.give_up_for(slow, {.latency_ms = 100}), 0u);
  sabre::Download early = slow, lowest = slow;
  early.ms = 499, lowest.rendition = 0;
  EXPECT_EQ(rule.give_up_for(early, {.latency_ms = 100}), std::nullopt);
  EXPECT_EQ(rule.give_up_for(lowest, {.latency_ms = 100}), std::nullopt);
}

// Vp = (20 - 2) / (ln 8 + 5) = 2.5425; neighbours score alike at Vp (5 + (2 u_low - u_high)): Vp (5 - ln 2) = 10.95 s, 5 s x Vp = 12.71 s
// and Vp (5 + ln 2) = 14.47 s.
TEST(SabreBola, ClimbsWithTheBuffer) {
  const std::pair<base::Duration, std::size_t> cases[] = {{10900ms, 0}, {11s, 1}, {12700ms, 1}, {12750ms, 2}, {14400ms, 2}, {14500ms, 3}};
  for (const auto& [buffer, choice] : cases) {
    EXPECT_EQ(rule_of(AbrKind::kBolaBasic)->choose(research(100_Mbps, buffer)), choice) << base::to_seconds(buffer);
  }
}

TEST(SabreBola, StepsOneBeyondThroughputOrWaitsForIt) {
  const auto basic = rule_of(AbrKind::kBolaBasic), calm = rule_of(AbrKind::kBolaO);
  EXPECT_EQ(basic->choose(research(1_Mbps, 16s)), 2u);
  EXPECT_EQ(basic->hold(), base::Duration{0s});
  EXPECT_EQ(calm->choose(research(1_Mbps, 16s)), 1u);
  EXPECT_NEAR(base::to_seconds(calm->hold()), 16 - 2.5425 * (5 + 0.6931), 1e-3);
}

// Ten segments in: a buffer of 5 segments, 10 s. Vp = 8 / 7.079 = 1.130; the first step lies at 4.87 s.
TEST(SabreBola, TrustsAFinitesFilmsBufferByWhereItIs) {
  AbrSnapshot early = research(100_Mbps, 4900ms);
  early.segment = 10;
  EXPECT_EQ(rule_of(AbrKind::kBolaO)->choose(early), 1u);
  EXPECT_EQ(rule_of(AbrKind::kBolaBasic)->choose(early), 0u);
}

// 4 rungs, target 20 s: gp = ln 8 / (20 / 10 - 1) = 2.0794, Vp = 4.809; the top is preferred from Vp (gp + 1 + ln 2 ...) on: it starts with
// what throughput allows whatever the buffer, for the placeholder makes up for it.
TEST(SabreBolaE, StartsWithWhatThroughputAllows) {
  const auto rule = rule_of(AbrKind::kBolaE);
  EXPECT_EQ(rule->choose(research(4500_kbps, 2s)), 3u);
  rule->received(report(3, 1'000'000_B, 1800ms));
  EXPECT_EQ(rule->choose(research(4500_kbps, 8s)), 3u);
}

TEST(SabreBolaE, FallsBackWhenTheBufferCannotWait) {
  const auto rule = rule_of(AbrKind::kBolaE);
  rule->choose(research(4500_kbps, 2s));
  rule->received(report(3, 1'000'000_B, 1800ms));
  EXPECT_EQ(rule->choose(research(1_Mbps, 2s)), 0u);  // 0.9 x 2 Mbit; the second rendition needs 2
}

// A full buffer's wait counts as buffer: without it the level after the wait would ask for less.
TEST(SabreBolaE, RemembersThatItHasWaited) {
  const auto patient = rule_of(AbrKind::kBolaE), forgetful = rule_of(AbrKind::kBolaE);
  for (AbrRule* rule : {patient.get(), forgetful.get()}) {
    rule->choose(research(600_kbps, 2s));
    rule->received(report(0, 125'000_B, 1700ms));
  }
  patient->waited(15s);
  EXPECT_GT(patient->choose(research(100_Mbps, 8s)), forgetful->choose(research(100_Mbps, 8s)));
}

// gp = ln 8 = 2.0794, Vp = 10 / gp = 4.809, utilities from 1: the first step lies at Vp (gp + 1 - ln 2) = 11.48 s (dash.js 5: 6.67 s).
TEST(BolaV4, ClimbsLaterThanThatOfDashJs5) {
  BolaRule rule{0.9, BolaRule::Score::kDashJs4};
  EXPECT_EQ(rule.choose(research(100_Mbps, 11400ms)), 0u);
  EXPECT_EQ(rule.choose(research(100_Mbps, 11550ms)), 1u);
}

// Harmonic mean of 2, 4 and 4 Mbit/s is 3; the worst error: 2 was foreseen and 4 came, |2 - 4| / 4 = 0.5. 3 / 1.5 = 2.
TEST(RobustMpcRule, ForeseesTheHarmonicMeanLessItsWorstError) {
  RobustMpcRule rule;
  EXPECT_EQ(rule.choose(research(100_Mbps, 0s)), 0u);
  rule.received(report(0, 500'000_B, 2s));
  EXPECT_NEAR(rule.foreseen(), 2e6, 1);
  rule.received(report(0, 500'000_B, 1s));
  rule.received(report(0, 500'000_B, 1s));
  EXPECT_NEAR(rule.foreseen(), 2e6, 1);
}

// At 2 Mbit/s a segment at 4 takes 4 s. With 30 s in the buffer five of them cost 20 s: no stall, so the top is worth it. With 2 s the
// first one would stall for 2 s at 4 a second, while 2 Mbit/s plays on: 2 x 5 less one change of 1.5.
TEST(RobustMpcRule, LooksFiveSegmentsAhead) {
  RobustMpcRule rule;
  rule.received(report(0, 500'000_B, 2s));
  EXPECT_EQ(rule.choose(research(2_Mbps, 30s)), 3u);
  EXPECT_EQ(rule.choose(research(2_Mbps, 2s)), 2u);
}

TEST(ProjectedOnSimplex, GivesTheNearestProbabilities) {
  EXPECT_EQ(projected_on_simplex({0.2, 0.8}), (std::vector{0.2, 0.8}));
  EXPECT_EQ(projected_on_simplex({2, 0, -1}), (std::vector<double>{1, 0, 0}));
  const auto even = projected_on_simplex({1, 1});
  EXPECT_NEAR(even[0], 0.5, 1e-12);
  EXPECT_NEAR(even[1], 0.5, 1e-12);
}

// VL = 4^0.99 = 3.945, alpha = 7.890, step = 2 / 15.78 = 0.1267. At 2 Mbit/s the gradients are 0.1267 x 7.89 = 1.0 times 0.25, 0.5, 1 and,
// as it takes longer than it lasts, -2: from (0, 1, 0, 0) to (0.25, 1.5, 1, -2), projected (0, 0.75, 0.25, 0): 1250 kbit/s, nearest to
// 1000. Then the multiplier is 3.945 - 2 + 2 (2 x 1250 - 1000) / 2000 = 3.445; at 20 Mbit/s the probabilities become (0, 0.688, 0.234,
// 0.078), 1468 kbit/s, and, the multiplier being 1.614, (0, 0.641, 0.223, 0.137), 1633: nearest to 2000.
TEST(L2aRule, MovesProbabilitiesAlongTheGradient) {
  L2aRule rule{0.9};
  rule.received(report(1, 500'000_B, 2s));
  EXPECT_EQ(rule.choose(research(2_Mbps, 2s)), 1u);  // 0.9 x 2 by throughput
  EXPECT_EQ(rule.choose(research(2_Mbps, 4s)), 1u);
  rule.received(report(1, 5'000'000_B, 2s));
  EXPECT_EQ(rule.choose(research(20_Mbps, 4s)), 1u);
  EXPECT_EQ(rule.choose(research(20_Mbps, 4s)), 2u);
}

TEST(L2aRule, LeavesTheStartToThroughput) {
  L2aRule rule{0.9};
  rule.received(report(0, 500'000_B, 2s));
  EXPECT_EQ(rule.choose(research(2300_kbps, 1s)), 2u);
  EXPECT_EQ(rule.choose(research(5_Mbps, 1s)), 3u);
}

TEST(LatencyEstimator, IsTheLargerOfTwoAverages) {
  LatencyEstimator estimator;
  EXPECT_EQ(estimator.estimate(), base::Duration{0s});
  estimator.add(100ms, 3s);
  EXPECT_NEAR(base::to_seconds(estimator.estimate()), 0.1, 1e-9);
  estimator.add(0ms, 3s);
  const double kept = std::pow(0.5, 3.0 / 8);  // the slow one forgets less
  EXPECT_NEAR(base::to_seconds(estimator.estimate()), 0.1 * kept * (1 - kept) / (1 - kept * kept), 1e-9);
}

}  // namespace
}  // namespace harness

// Sabre's model by numbers worked out by hand; sabre_figures_test.cc plays whole films.
#include "harness/abr/session.h"

#include <gtest/gtest.h>

#include <cmath>

namespace harness::abr {
namespace {

struct NoObserver final : LinkObserver {
  void on_sustainable(double, std::size_t, std::size_t) override {}
};

// 1, 2 and 4 Mbit/s; segments of 2 s.
Movie film_of(std::size_t segments) {
  Movie movie{.kbps = {1000, 2000, 4000}, .utilities = {0, std::log(2), std::log(4)}, .segment_ms = 2000};
  for (std::size_t i = 0; i < segments; ++i) movie.bits.insert(movie.bits.end(), {2e6, 4e6, 8e6});
  return movie;
}
const Movie kTenSegments = film_of(10);

SessionOptions options_of(const char* rule, bool abandonment = false) {
  return {.rule = rule_named(rule).value(), .buffer_ms = 20'000, .abandonment = abandonment};
}

// 2000 bits in the first period, nothing in the second, 1000 of the last 3000 in the first again.
TEST(AbrLink, CarriesOnFromPeriodToPeriodAndBackToTheStart) {
  const Trace trace{{.ms = 2, .kbps = 1000}, {.ms = 5, .kbps = 0}};
  NoObserver nobody;
  Link link{trace, kTenSegments, nobody};
  EXPECT_DOUBLE_EQ(link.download(3000), 2 + 5 + 1);
  link.wait(1 + 5);
  EXPECT_DOUBLE_EQ(link.download(1000), 1);
}

// A quarter of a latency of 400 ms, then three quarters of one of 40 ms.
TEST(AbrLink, CountsALatencyThatChangesByItsShares) {
  const Trace trace{{.ms = 100, .kbps = 1000, .latency_ms = 400}, {.ms = 1000, .kbps = 1000, .latency_ms = 40}};
  NoObserver nobody;
  Link link{trace, kTenSegments, nobody};
  EXPECT_DOUBLE_EQ(link.wait_for_first_bit(), 100 + 30);
}

TEST(AbrLink, ReportsProgressWhenBothBitsAndTimeHavePassed) {
  const Trace trace{{.ms = 1000, .kbps = 100}, {.ms = 1000, .kbps = 0}};
  NoObserver nobody;
  Link link{trace, kTenSegments, nobody};
  const auto by_bits = link.download_some(1e6, 12'000, 50);
  EXPECT_DOUBLE_EQ(by_bits.ms, 120);
  const auto by_time = link.download_some(1e6, 1000, 50);
  EXPECT_DOUBLE_EQ(by_time.bits, 5000);
  const auto all = link.download_some(500, 12'000, 50);
  EXPECT_DOUBLE_EQ(all.bits, 500);
  link.wait(1000 - 120 - 50 - 5);
  const auto outage = link.download_some(1e6, 0, 50);
  EXPECT_DOUBLE_EQ(outage.bits, 0);
  EXPECT_DOUBLE_EQ(outage.ms, 50);
}

// Two segments at 1 Mbit/s, 2 s each: the first one's wait is play time, then one is played while the next comes: no stall.
TEST(AbrSession, CountsTheFirstWaitAsPlayTime) {
  const Movie movie = film_of(2);
  const Figures figures = play(movie, {{.ms = 1000, .kbps = 1000, .latency_ms = 0}}, options_of("throughput"));
  EXPECT_DOUBLE_EQ(figures.total_play_time, 2 + 2 + 2);
  EXPECT_DOUBLE_EQ(figures.total_rebuffer, 0);
  EXPECT_DOUBLE_EQ(figures.total_played_bitrate, 2000);
}

// With 500 ms of latency each segment takes 2.5 s, of which 0.5 s are a stall: of one event.
TEST(AbrSession, StallsForWhatTheBufferLacks) {
  const Movie movie = film_of(3);
  const Figures figures = play(movie, {{.ms = 1000, .kbps = 1000, .latency_ms = 500}}, options_of("throughput"));
  EXPECT_DOUBLE_EQ(figures.total_rebuffer, 1);
  EXPECT_DOUBLE_EQ(figures.total_rebuffer_events, 2);
  EXPECT_DOUBLE_EQ(figures.total_play_time, 2.5 + 2 * 2.5 + 2);
  EXPECT_DOUBLE_EQ(figures.rebuffer_ratio, 1 / 9.5);
}

// A buffer of 20 s holds ten segments; an eleventh waits until one has been played.
TEST(AbrSession, WaitsForRoomInTheBuffer) {
  const Movie movie = film_of(20);
  const Figures figures = play(movie, {{.ms = 1000, .kbps = 1'000'000}}, options_of("throughput"));
  EXPECT_DOUBLE_EQ(figures.total_rebuffer, 0);
  EXPECT_NEAR(figures.total_play_time, 40.002, 1e-9);
  EXPECT_DOUBLE_EQ(figures.rampup_time, 2.002);  // the first segment is of the lowest rendition
}

// 12 Mbit/s break down to 100 kbit/s: the top segment under way is given up for less. Without abandonment it takes over a minute.
TEST(AbrSession, GivesUpWhenTheNetworkBreaksDown) {
  const Trace cliff{{.ms = 3000, .kbps = 12'000}, {.ms = 600'000, .kbps = 100}};
  const Figures patient = play(kTenSegments, cliff, options_of("throughput"));
  const Figures nimble = play(kTenSegments, cliff, options_of("throughput", true));
  EXPECT_LT(nimble.total_rebuffer, patient.total_rebuffer - 30);
  EXPECT_EQ(patient.over_estimate_count + patient.leq_estimate_count, 9);
  EXPECT_GT(nimble.over_estimate_count + nimble.leq_estimate_count, 9);  // what was given up counts, too
}

// The first segment is here after 80 ms, 620 ms at 3 Mbit/s, the outage and 200 ms at 700 kbit/s; ten of 2 s follow.
TEST(AbrSession, PlaysEveryRuleToTheEnd) {
  const Trace rough{{.ms = 700, .kbps = 3000, .latency_ms = 80}, {.ms = 300, .kbps = 0}, {.ms = 4000, .kbps = 700, .latency_ms = 2500}};
  for (const char* rule :
       {"throughput", "bola", "bola-basic", "bola-o", "bolae", "bolae-o", "dynamic", "dynamicdash", "bola-v4", "robust-mpc", "l2a"}) {
    const Figures figures = play(kTenSegments, rough, options_of(rule, true));
    EXPECT_NEAR(figures.total_play_time - figures.total_rebuffer, 21.2, 1e-9) << rule;
    for (const NamedFigure& figure : kFigures) EXPECT_TRUE(std::isfinite(figures.*figure.value)) << rule << ": " << figure.name;
  }
}

// Sabre's BOLA-E divides by zero here.
TEST(AbrSession, PlaysAMovieOfOneBitrate) {
  const Movie movie{.kbps = {1000}, .utilities = {0}, .segment_ms = 2000, .bits = {2e6, 2e6, 2e6}};
  for (const char* rule : {"bolae", "dynamicdash", "dynamic"})
    EXPECT_DOUBLE_EQ(play(movie, {{.ms = 1000, .kbps = 2000}}, options_of(rule, true)).total_played_bitrate, 3000) << rule;
}

}  // namespace
}  // namespace harness::abr

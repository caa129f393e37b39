// The rules of dash.js by numbers worked out from its formulas, on the ladder 302, 700, 1496, 2999 kbit/s.
#include <gtest/gtest.h>

#include "base/random.h"
#include "harness/engine/dashjs_abandon_rule.h"
#include "harness/engine/dashjs_bola.h"
#include "harness/engine/dashjs_insufficient_buffer_rule.h"
#include "harness/engine/dashjs_switch_history_rule.h"
#include "harness/engine/dashjs_throughput.h"
#include "harness/engine/ladder_change.h"

namespace harness::dashjs {
namespace {

using namespace base::literals;

const std::vector<LadderRung> kRungs{{.peak = 302_kbps}, {.peak = 700_kbps}, {.peak = 1496_kbps}, {.peak = 2999_kbps}};
const Ladder kRates{kRungs};
constexpr base::Instant kThen{1000s};

TEST(DashJsThroughput, KnowsNothingBeforeTheFirstSample) { EXPECT_FALSE(Throughput{}.safe()); }

TEST(DashJsThroughput, LeavesOutATransferOfNoTime) {
  Throughput throughput;
  throughput.add({1'000'000_B, 0s});
  EXPECT_FALSE(throughput.average());
}

// 8000, then 2000 kbit/s for a second each, so 1.5 of weight: 2242.6 / (1 - 0.5^(3/3)) = 4485, and 4805 by the slow average.
TEST(DashJsThroughput, TakesTheSmallerOfTwoAveragesWeighedByTime) {
  Throughput throughput;
  throughput.add({1'000'000_B, 1s});
  EXPECT_EQ(throughput.average(), 8000);
  throughput.add({250'000_B, 1s});
  EXPECT_EQ(throughput.average(), 4485);
  EXPECT_NEAR(*throughput.safe(), 0.9 * 4485, 1e-6);
}

TEST(DashJsTransferTimes, MeasuresARepeatedSegmentAsTheFirstTime) {
  TransferTimes times;
  times.first(1, 4s, {200'300_B, 500ms});
  EXPECT_EQ(times.first(1, 4s, {300_B, 1ms}).took, base::Duration{500ms});
  EXPECT_EQ(times.first(2, 4s, {300_B, 1ms}).took, base::Duration{1ms});
  EXPECT_EQ(times.first(1, 6s, {300_B, 2ms}).took, base::Duration{2ms});
}

// Whatever comes: nothing is given up before the instant that was named with any news before.
TEST(DashJsAbandonRule, GivesNothingUpBeforeItSaidItMight) {
  int given_up = 0;
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    base::Random random = base::Random::stream(5, seed);
    AbandonRule rule;
    double mean = random.uniform(0, 40'000);  // bytes of a report; 10'000 are just enough
    Download download{.rendition = 3, .start = 4s, .duration = 2s, .asked = kThen, .latest = kThen, .expected = 750'000_B};
    base::Instant quiet = rule.judges_from(download, kThen);
    for (base::Instant now = kThen + 100ms; download.received < *download.expected; now += 50'500us) {
      if (random.chance(0.1)) mean = random.uniform(0, 40'000);
      const auto more = base::ByteCount::bytes(static_cast<std::int64_t>(random.exponential(mean)));
      download.received = std::min(download.received + more, *download.expected);
      download.first_byte = kThen + 100ms;
      download.latest = now;
      ++download.reports;
      const bool gives_up = rule.on_progress(download, kRates, 3, 18).has_value();
      ASSERT_TRUE(!gives_up || now >= quiet) << seed;
      given_up += gives_up;
      if (gives_up) break;
      quiet = std::max(quiet, rule.judges_from(download, now));
    }
  }
  EXPECT_GT(given_up, 50);
}

struct History {
  std::vector<std::pair<std::size_t, std::size_t>> decisions;
  std::optional<std::size_t> limit;
  const char* why;
};

TEST(DashJsSwitchHistoryRule, StaysBelowWhatWasLeftLately) {
  const std::pair<std::size_t, std::size_t> stay{2, 2}, drop{2, 1};
  const History cases[] = {
      {{drop, stay, stay, stay, stay, stay, stay}, std::nullopt, "seven decisions are too few"},
      {{drop, stay, stay, stay, stay, stay, stay, stay}, 1, "1 drop in 7 others"},
      {{drop, stay, stay, stay, stay, stay, stay, stay, stay}, std::nullopt, "only the last eight count"},
      {{{1, 0}, {0, 2}, stay, stay, stay, stay, stay, stay}, 2, "the drop was from further down"},
      {{{3, 0}, {0, 0}, {0, 0}, {0, 0}, {0, 0}, {0, 0}, {0, 0}, {0, 0}}, 2, "however long ago the top was left"},
      {{{0, 3}, {3, 3}, {3, 3}, {3, 3}, {3, 3}, {3, 3}, {3, 3}, {3, 3}}, std::nullopt, "no drop"},
  };
  for (const History& each : cases) {
    SwitchHistoryRule rule;
    for (const auto& [from, to] : each.decisions) rule.on_decision(from, to);
    EXPECT_EQ(rule.limit(kRates.size()), each.limit) << each.why;
  }
}

// 0.7 x 4000 kbit/s x 2.15 s / 2 s = 3010 kbit/s; at 2.09 s 2926.
TEST(DashJsInsufficientBufferRule, AsksForNoMoreThanTheBufferCovers) {
  InsufficientBufferRule rule;
  EXPECT_FALSE(rule.limit(kRates, {.average_kbps = 4000, .buffer_s = 0.5, .segment_s = 2}));
  rule.on_append();
  rule.on_append();
  EXPECT_EQ(rule.limit(kRates, {.average_kbps = 4000, .buffer_s = 2.15, .segment_s = 2}), 3u);
  EXPECT_EQ(rule.limit(kRates, {.average_kbps = 4000, .buffer_s = 2.09, .segment_s = 2}), 2u);
  EXPECT_EQ(rule.limit(kRates, {.average_kbps = 4000, .buffer_s = 0.3, .segment_s = 2, .empty = true}), 0u);
  EXPECT_FALSE(rule.limit(kRates, {.buffer_s = 2, .segment_s = 2}));
  rule.on_seek();
  EXPECT_FALSE(rule.limit(kRates, {.average_kbps = 4000, .buffer_s = 2.09, .segment_s = 2}));
}

// A segment of 2 s and 10^6 bytes that comes at `bytes` each 50.5 ms; returns the event at which it is given up, and for what.
std::pair<int, std::optional<std::size_t>> watched(AbandonRule& rule, std::size_t rendition, base::ByteCount bytes, double buffer_s = 5) {
  Download download{.rendition = rendition, .start = 8s, .duration = 2s, .asked = kThen, .expected = 1'000'000_B};
  for (int event = 1; event <= 30; ++event) {
    download.received = base::ByteCount::bytes(bytes.count() * event);
    download.latest = kThen + event * 50'500us;
    ++download.reports;
    if (const auto target = rule.on_progress(download, kRates, buffer_s, 18)) return {event, target};
  }
  return {0, std::nullopt};
}

// 10000 bytes in 50.5 ms are 1584 kbit/s, 5 s for the whole; the first event with 500 ms behind it is the eleventh.
TEST(DashJsAbandonRule, GivesUpWhatALowerRenditionBeats) {
  AbandonRule rule;
  EXPECT_EQ(watched(rule, 3, 10'000_B), std::pair(11, std::optional<std::size_t>{2}));
  EXPECT_EQ(rule.measured().bytes, 100'000_B);
  EXPECT_EQ(rule.measured().took, base::Duration{505ms});
}

TEST(DashJsAbandonRule, GoesOnWithTheRest) {
  const auto result_of = [](std::size_t rendition, base::ByteCount bytes, double buffer_s) {
    AbandonRule rule;
    return watched(rule, rendition, bytes, buffer_s).second;
  };
  EXPECT_FALSE(result_of(0, 1'000_B, 5)) << "nothing is lower";
  EXPECT_FALSE(result_of(3, 20'000_B, 5)) << "2.5 s for the whole are soon enough";
  EXPECT_FALSE(result_of(3, 10'000_B, 19)) << "the buffer is long";
}

TEST(DashJsAbandonRule, CountsWhatAReportStandsFor) {
  const auto gives_up = [](std::uint32_t reports) {
    AbandonRule rule;
    Download download{.rendition = 3, .start = 8s, .duration = 2s, .asked = kThen, .latest = kThen, .expected = 1'000'000_B};
    download.reports = 1;
    rule.note(download);
    download.reports = reports;
    download.received = 100'000_B;
    download.latest = kThen + 505ms;
    return rule.on_progress(download, kRates, 5, 18).has_value();
  };
  EXPECT_FALSE(gives_up(5));
  EXPECT_TRUE(gives_up(6));
}

TEST(DashJsAbandonRule, GivesUpASegmentOnce) {
  AbandonRule rule;
  watched(rule, 3, 10'000_B);
  EXPECT_FALSE(watched(rule, 2, 2'000_B).second);
}

// BOLA past its beginning, nothing in the placeholder; the last segment came at kThen.
Bola steady(std::size_t affordable) {
  Bola bola;
  const Bola::Situation situation{.now = kThen, .level_s = 12, .buffer_time_s = 18, .affordable = affordable};
  bola.choose(kRates, situation);
  bola.on_segment({.rendition = 0, .start = 12s, .duration = 2s, .asked = kThen, .finished = kThen}, 14);
  bola.choose(kRates, {.now = kThen, .level_s = 14, .buffer_time_s = 18, .affordable = 0});
  return bola;
}

Bola::Choice choice(Bola& bola, double level_s, std::size_t affordable, base::Duration later = 0s) {
  return bola.choose(kRates, {.now = kThen + later, .level_s = level_s, .buffer_time_s = 18, .affordable = affordable}).value();
}

TEST(DashJsBola, HasNoOpinionWithoutASampleOrAChoice) {
  const std::vector<LadderRung> single{{.peak = 700_kbps}};
  Bola bola, one;
  EXPECT_FALSE(bola.choose(kRates, {.now = kThen, .level_s = 12, .buffer_time_s = 18, .affordable = {}}));
  EXPECT_FALSE(one.choose(Ladder{single}, {.now = kThen, .level_s = 12, .buffer_time_s = 18, .affordable = 0}));
}

TEST(DashJsBola, BeginsWithThroughput) {
  Bola bola;
  EXPECT_EQ(choice(bola, 12, 1).rendition, 1u);
  EXPECT_EQ(choice(bola, 12, 3).rendition, 3u);
}

// gp = ln(2999/302) / 0.8 = 2.869, vp = 10 / gp = 3.485: at most vp (1 + gp) = 13.485 s at the lowest rung.
TEST(DashJsBola, WaitsAboveTheHighestLevelOfItsRung) {
  Bola bola = steady(0);
  EXPECT_NEAR(choice(bola, 14, 0).delay_s, 0.515, 0.001);
}

TEST(DashJsBola, ClimbsNoFurtherThanThroughputAllows) {
  Bola bola = steady(0);
  EXPECT_EQ(choice(bola, 14, 2).rendition, 2u);  // by the level alone the top
  EXPECT_EQ(choice(bola, 14, 0).rendition, 2u);  // but it does not leave a rung for that
}

// The scores of the two lowest rungs cross at 7.78 s.
TEST(DashJsBola, CountsTimeWithoutADownloadAsBuffer) {
  Bola at_once = steady(0), later = steady(0);
  EXPECT_EQ(choice(at_once, 5, 3).rendition, 0u);
  EXPECT_EQ(choice(later, 5, 3, 3s).rendition, 1u);
  later.on_buffer_empty();
  EXPECT_EQ(choice(later, 5, 3, 3s).rendition, 0u);
}

TEST(DashJsBola, CountsAReplacedSegmentAsBuffer) {
  Bola bola = steady(0);
  bola.on_segment({.rendition = 0, .start = 8s, .duration = 2s, .asked = kThen, .finished = kThen}, 6);
  EXPECT_EQ(choice(bola, 6, 3).rendition, 1u);
}

TEST(DashJsBola, BeginsAgainAfterASeekOrANewManifest) {
  Bola sought = steady(0), reloaded = steady(0);
  sought.on_seek();
  reloaded.forget();
  EXPECT_EQ(choice(sought, 14, 1).rendition, 1u);
  EXPECT_EQ(choice(reloaded, 14, 1).rendition, 1u);
}

const std::vector<LadderRung> kThree{{.peak = 300_kbps}, {.peak = 1100_kbps}, {.peak = 2500_kbps}};
const LadderChange kWithoutLowest{kThree, {kThree[1], kThree[2]}};

TEST(DashJsTransferTimes, FollowTheLadder) {
  TransferTimes times;
  times.first(0, 4s, {50'300_B, 100ms});
  times.first(1, 4s, {200'300_B, 500ms});
  times.on_ladder(kWithoutLowest);
  ASSERT_TRUE(times.find(0, 4s).has_value());
  EXPECT_EQ(times.find(0, 4s)->took, base::Duration{500ms});
  EXPECT_FALSE(times.find(1, 4s).has_value());
}

TEST(DashJsSwitchHistoryRule, FollowsTheLadder) {
  SwitchHistoryRule rule;
  for (int i = 0; i < 8; ++i) rule.on_decision(2, 1);
  EXPECT_EQ(rule.limit(3), 1u);
  rule.on_ladder(kWithoutLowest);
  EXPECT_EQ(rule.limit(2), 0u);
}

}  // namespace
}  // namespace harness::dashjs

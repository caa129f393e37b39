#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "reports/formats/words/escape.h"
#include "reports/formats/words/figures.h"
#include "reports/formats/words/verdict.h"

namespace reports {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(Figures, CarryTheirUnit) {
  EXPECT_EQ(figure(0.4123, "s"), "412 ms");
  EXPECT_EQ(figure(0.9999, "s"), "1 s");
  EXPECT_EQ(figure(1.2351, "s"), "1.24 s");
  EXPECT_EQ(figure(0.0, "s"), "0 s");
  EXPECT_EQ(figure(2'410'000, "bps"), "2.41 Mbit/s");
  EXPECT_EQ(figure(999'000'000, "bps"), "999 Mbit/s");
  EXPECT_EQ(figure(200'000'000'000, "bps"), "200 Gbit/s");
  EXPECT_EQ(figure(800'000, "bps"), "800 kbit/s");
  EXPECT_EQ(figure(0.99812, "ratio"), "99.8 %");
  EXPECT_EQ(figure(0.99967, "ratio"), "99.97 %") << "not all";
  EXPECT_EQ(figure(0.9999996, "ratio"), "99.99996 %");
  EXPECT_EQ(figure(1.0, "ratio"), "100 %");
  EXPECT_EQ(figure(12'345, "count"), "12345");
}

TEST(Figures, SayWhenThereIsNone) {
  EXPECT_EQ(figure(std::nullopt, "s"), "–");
  EXPECT_EQ(figure(std::numeric_limits<double>::quiet_NaN(), "s"), "–");
  EXPECT_EQ(instant(std::nullopt), "–");
}

TEST(Figures, ShowANearMissOfAThreshold) {
  EXPECT_EQ(exact_figure(0.98996, "ratio"), "0.98996");
  EXPECT_EQ(exact_figure(0.9999996, "ratio"), "0.9999996");
  EXPECT_EQ(exact_figure(2.0003, "s"), "2.0003 s");
}

TEST(Figures, TellTheLengthOfARun) {
  EXPECT_EQ(span(42.5), "42.5 s");
  EXPECT_EQ(span(180), "3 min");
  EXPECT_EQ(span(7265), "2 h 1 min 5 s");
}

TEST(Figures, NameRenditionsByTheirBitrate) {
  EXPECT_EQ(rendition_name("2500000"), "2.5 Mbit/s");
  EXPECT_EQ(rendition_name("audio"), "audio");
}

TEST(Figures, WriteSelectionsAsScenariosDo) {
  EXPECT_EQ(selection("bitrate", {}), "bitrate");
  EXPECT_EQ(selection("bitrate", {{"device", "ios"}, {"region", "eu"}}), "bitrate{device:ios,region:eu}");
}

TEST(Escape, DisarmsMarkup) { EXPECT_EQ(markup("<script>\"&'"), "&lt;script&gt;&quot;&amp;&#39;"); }

TEST(Escape, ReplacesWhatIsNotUtf8) {
  EXPECT_EQ(clean_utf8("a\xFFz"), "a\uFFFDz");
  EXPECT_EQ(clean_utf8("\xC0\xAF"), "\uFFFD\uFFFD");            // an overlong slash
  EXPECT_EQ(clean_utf8("\xE2\x9C"), "\uFFFD\uFFFD");            // cut short
  EXPECT_EQ(clean_utf8("\xED\xA0\x80"), "\uFFFD\uFFFD\uFFFD");  // a surrogate
  EXPECT_EQ(clean_utf8("✓ 𝄞"), "✓ 𝄞");
}

TEST(Escape, LeavesNoControlCharacters) {
  EXPECT_EQ(clean_utf8(std::string_view{"a\0\x1b[31mb", 8}), "a[31mb");
  EXPECT_EQ(one_line("two\nlines\x1b[2J"), "two lines[2J");
}

TEST(Escape, KeepsJsonInsideItsElement) { EXPECT_EQ(json_in_html("\"</script>\""), "\"\\u003c/script\\u003e\""); }

TEST(Escape, ShortensByCharactersNotBytes) {
  EXPECT_EQ(shortened("äöüäöü", 4), "äöü…");
  EXPECT_EQ(shortened("äöü", 3), "äöü");
}

StoredRun completed(std::string verdict) {
  StoredRun run;
  run.run.verdict = std::move(verdict);
  run.run.outcome = "completed";
  return run;
}

TEST(Verdict, CountsTheGatesThatHold) {
  StoredRun run = completed("passed");
  run.gates = {{.metric = "startup_time", .verdict = "passed"}, {.metric = "bitrate", .verdict = "passed"}};
  EXPECT_EQ(verdict_of(run).headline, "Passed");
  EXPECT_EQ(verdict_of(run).reason, "All 2 gates hold.");
  EXPECT_THAT(verdict_of(run).caveats, IsEmpty());
}

TEST(Verdict, NamesTheGateThatFailed) {
  StoredRun run = completed("failed");
  run.gates = {
      {.metric = "recovery_time", .tags = {{"drill", "feed"}}, .threshold = "max<5s", .observed = 7.2, .unit = "s", .verdict = "failed"},
      {.metric = "bitrate", .verdict = "passed"}};
  EXPECT_EQ(verdict_of(run).reason, "1 of 2 gates failed: recovery_time{drill:feed} max<5s, observed 7.2 s.");
}

TEST(Verdict, SaysWhyItIsInconclusive) {
  StoredRun run = completed("inconclusive");
  run.gates = {{.metric = "live_latency", .threshold = "p(95)<6s", .verdict = "inconclusive", .reason = "no session had a live latency"}};
  EXPECT_EQ(verdict_of(run).reason, "1 of 1 gate could not be decided: live_latency p(95)<6s, no session had a live latency.");
}

TEST(Verdict, PutsWhatMakesFiguresDoubtfulFirst) {
  StoredRun run = completed("inconclusive");
  run.run.outcome = "interrupted";
  run.run.outcome_reason = "Ctrl-C";
  run.run.harness.saturated = true;
  run.run.harness.saturation_reason = "starts were 80 ms late at p99, the budget is 5 ms";
  EXPECT_THAT(verdict_of(run).caveats, ElementsAre(HasSubstr("interrupted: Ctrl-C."), HasSubstr("saturated: starts were 80 ms late")));
}

TEST(Verdict, NeverCallsAnInterruptedRunPassed) {
  StoredRun run = completed("passed");
  run.run.outcome = "interrupted";
  EXPECT_EQ(verdict_of(run).headline, "Not completed");
  EXPECT_EQ(verdict_of(run).mark, "?");
}

TEST(Verdict, DoesNotSayThatNoGatesWereSetWhereNoneWereJudged) {
  StoredRun run = completed("inconclusive");
  run.run.outcome = "interrupted";
  EXPECT_THAT(verdict_of(run).reason, HasSubstr("No gate was judged"));
}

TEST(Verdict, SaysThatNoGatesWereSet) { EXPECT_THAT(verdict_of(completed("passed")).reason, HasSubstr("sets no gates")); }

TEST(Verdict, TellsTheWorldsApart) {
  EXPECT_THAT(world_in_words({.world = "virtual"}), HasSubstr("virtual time"));
  EXPECT_THAT(world_in_words({.world = "real"}), HasSubstr("real requests"));
}

}  // namespace
}  // namespace reports

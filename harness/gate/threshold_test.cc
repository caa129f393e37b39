#include "harness/gate/threshold.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace harness {
namespace {

using testing::HasSubstr;

Threshold parsed(std::string_view text, std::string_view metric) {
  const base::Result<Threshold> result = parse_threshold(text, metric);
  EXPECT_TRUE(result.has_value()) << text << ": " << result.error().message;
  return result.has_value() ? *result : Threshold{};
}

std::string refusal(std::string_view text, std::string_view metric) {
  const base::Result<Threshold> result = parse_threshold(text, metric);
  return result.has_value() ? "accepted" : result.error().message;
}

TEST(Threshold, ReadsAPercentileOfADuration) {
  const Threshold expected{
      .statistic = Statistic::kPercentile, .percentile = 95, .comparison = Comparison::kLess, .bound = 2, .text = "p(95)<2s"};
  EXPECT_EQ(parsed("p(95)<2s", "startup_time"), expected);
}

TEST(Threshold, ReadsEveryStatisticOfATrend) {
  EXPECT_EQ(parsed("avg<1s", "startup_time").statistic, Statistic::kMean);
  EXPECT_EQ(parsed("min<1s", "startup_time").statistic, Statistic::kMin);
  EXPECT_EQ(parsed("med<1s", "startup_time").statistic, Statistic::kMedian);
  EXPECT_EQ(parsed("max<1s", "startup_time").statistic, Statistic::kMax);
  EXPECT_EQ(parsed("p(99.9)<1s", "startup_time").percentile, 99.9);
}

TEST(Threshold, ReadsEveryComparison) {
  EXPECT_EQ(parsed("rate<0.5", "startup_success").comparison, Comparison::kLess);
  EXPECT_EQ(parsed("rate<=0.5", "startup_success").comparison, Comparison::kLessEqual);
  EXPECT_EQ(parsed("rate>0.5", "startup_success").comparison, Comparison::kGreater);
  EXPECT_EQ(parsed("rate>=0.5", "startup_success").comparison, Comparison::kGreaterEqual);
  EXPECT_EQ(parsed("rate==0.5", "startup_success").comparison, Comparison::kEqual);
  EXPECT_EQ(parsed("rate!=0.5", "startup_success").comparison, Comparison::kNotEqual);
}

TEST(Threshold, ReadsBoundsInTheUnitOfTheMetric) {
  EXPECT_DOUBLE_EQ(parsed("med<500ms", "startup_time").bound, 0.5);
  EXPECT_DOUBLE_EQ(parsed("max<1m30s", "recovery_time").bound, 90);
  EXPECT_DOUBLE_EQ(parsed("avg>=2.5mbit", "bitrate").bound, 2.5e6);
  EXPECT_DOUBLE_EQ(parsed("value<0.01", "rebuffer_ratio").bound, 0.01);
  EXPECT_DOUBLE_EQ(parsed("count>=200", "sessions").bound, 200);
  EXPECT_DOUBLE_EQ(parsed("max<=0", "interruption_duration").bound, 0);  // zero needs no unit
}

TEST(Threshold, AllowsSpaces) {
  EXPECT_EQ(parsed(" p( 95 ) <  2s ", "startup_time").bound, 2);
  EXPECT_EQ(parsed(" p( 95 ) <  2s ", "startup_time").text, "p( 95 ) <  2s");
}

TEST(Threshold, RefusesPercentSignsWithTheFix) {
  EXPECT_EQ(refusal("value<5%", "rebuffer_ratio"), "\"5%\": percentages are written as numbers in [0, 1]; write 0.05");
}

TEST(Threshold, RefusesPlainNumbersOfSecondsBecauseOtherToolsMeanMilliseconds) {
  EXPECT_EQ(refusal("p(95)<2000", "startup_time"), "\"2000\" has no unit; write a duration such as \"2000s\" or \"2000ms\"");
}

TEST(Threshold, RefusesSharesAboveOne) {
  EXPECT_THAT(refusal("rate>=99", "startup_success"), HasSubstr("write 0.99 for 99 percent"));
  EXPECT_THAT(refusal("rate>=-1", "startup_success"), HasSubstr("is negative"));
}

TEST(Threshold, RefusesStatisticsThatTheKindDoesNotHave) {
  EXPECT_EQ(refusal("rate<1s", "startup_time"), "startup_time has no statistic \"rate\"; it has avg, min, med, max, p(N)");
  EXPECT_EQ(refusal("p(95)<0.1", "rebuffer_ratio"), "rebuffer_ratio has no statistic \"p(95)\"; it has value");
  EXPECT_EQ(refusal("<1s", "startup_time"), "startup_time has no statistic \"\"; it has avg, min, med, max, p(N)");
}

TEST(Threshold, RefusesPercentilesOutOfRange) {
  for (const char* text : {"p(0)<1s", "p(100.1)<1s", "p(-5)<1s", "p()<1s", "p(x)<1s", "p(nan)<1s"})
    EXPECT_THAT(refusal(text, "startup_time"), HasSubstr("N above 0 and at most 100")) << text;
  EXPECT_EQ(parsed("p(100)<1s", "startup_time").percentile, 100);
}

TEST(Threshold, RefusesWhatIsLeftOver) {
  EXPECT_THAT(refusal("max<8s for 10s", "startup_time"), HasSubstr("windows are not supported"));
  EXPECT_THAT(refusal("max<8sx", "startup_time"), HasSubstr("is not a duration"));
  EXPECT_THAT(refusal("value<0.1 0.2", "rebuffer_ratio"), HasSubstr("is not a bound"));
  EXPECT_THAT(refusal("max<", "startup_time"), HasSubstr("is missing"));
  EXPECT_THAT(refusal("max", "startup_time"), HasSubstr("is not a threshold"));
  EXPECT_THAT(refusal("max=2s", "startup_time"), HasSubstr("is not a threshold"));
  EXPECT_THAT(refusal("", "startup_time"), HasSubstr("is not a threshold"));
  EXPECT_THAT(refusal("value<inf", "rebuffer_ratio"), HasSubstr("is not a bound"));
}

TEST(GateKey, ReadsMetricAndTag) {
  const Gate gate = *parse_gate_key("startup_time{device:ios}");
  EXPECT_EQ(gate.metric, "startup_time");
  EXPECT_EQ(gate.tags, (std::map<std::string, std::string>{{"device", "ios"}}));
}

TEST(GateKey, ReadsSeveralTagsWithSpaces) {
  const Gate gate = *parse_gate_key(" startup_time { device : ios , cohort : tv/wifi/eu/direct } ");
  EXPECT_EQ(gate.tags, (std::map<std::string, std::string>{{"cohort", "tv/wifi/eu/direct"}, {"device", "ios"}}));
}

TEST(GateKey, NamesTheNearestMetric) {
  EXPECT_THAT(parse_gate_key("startup_tme").error().message,
              HasSubstr("\"startup_tme\" is not a known metric; did you mean startup_time? Known: startup_time, "));
}

TEST(GateKey, KnowsWhichTagsAMetricHas) {
  EXPECT_EQ(parse_gate_key("startup_time{drill:feed}").error().message,
            "\"drill\" is not a known tag of startup_time; known: device, network, region, path, cohort");
  EXPECT_EQ(parse_gate_key("recovery_time{device:ios}").error().message, "\"device\" is not a known tag of recovery_time; known: drill");
  EXPECT_TRUE(parse_gate_key("time_to_detect{drill:feed}").has_value());
}

TEST(GateKey, RefusesMalformedTags) {
  for (const char* text :
       {"startup_time{}", "startup_time{device}", "startup_time{device:}", "startup_time{:ios}", "startup_time{device:ios,}"})
    EXPECT_THAT(parse_gate_key(text).error().message, HasSubstr("is not a tag")) << text;
  EXPECT_THAT(parse_gate_key("startup_time{device:ios").error().message, HasSubstr("no closing brace"));
  EXPECT_THAT(parse_gate_key("startup_time{device:ios,device:tv}").error().message, HasSubstr("stands twice"));
}

}  // namespace
}  // namespace harness

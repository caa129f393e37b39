// Movies and traces that cannot be used: where and why.
#include <gmock/gmock.h>

#include "harness/abr/rules.h"
#include "harness/abr/trace.h"

namespace harness::abr {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> problems_of_movie(const char* text) {
  std::vector<base::Problem> problems;
  read_movie(base::parse_json(text).value(), problems);
  std::vector<std::string> texts;
  for (const base::Problem& problem : problems) texts.push_back(problem.path + ": " + problem.message);
  return texts;
}

std::vector<std::string> problems_of_trace(const char* text) {
  std::vector<base::Problem> problems;
  read_trace(base::parse_json(text).value(), problems);
  std::vector<std::string> texts;
  for (const base::Problem& problem : problems) texts.push_back(problem.path + ": " + problem.message);
  return texts;
}

TEST(AbrMovie, NamesTheBitrateThatIsNotAscending) {
  EXPECT_THAT(problems_of_movie(R"({"segment_duration_ms": 3000, "bitrates_kbps": [500, 300], "segment_sizes_bits": [[1, 2]]})"),
              ElementsAre(HasSubstr("bitrates_kbps[1]: is 300, no more than the 500")));
}

TEST(AbrMovie, NamesEveryWrongRowAndNumber) {
  EXPECT_THAT(problems_of_movie(R"({"segment_duration_ms": 0, "bitrates_kbps": [500, 700],
                                    "segment_sizes_bits": [[1, 2], [3], [4, 0], [5, "a"], 7]})"),
              ElementsAre(HasSubstr("segment_duration_ms: is 0; must be above 0"), HasSubstr("segment_sizes_bits[1]: has 1 sizes for 2"),
                          HasSubstr("segment_sizes_bits[2][1]: is 0"), HasSubstr("segment_sizes_bits[3][1]: expected a number"),
                          HasSubstr("segment_sizes_bits[4]: must be a list")));
}

TEST(AbrMovie, MissesWhatIsRequired) {
  EXPECT_THAT(problems_of_movie("{}"),
              ElementsAre(HasSubstr("segment_duration_ms"), HasSubstr("bitrates_kbps"), HasSubstr("segment_sizes")));
  EXPECT_THAT(problems_of_movie("[]"), ElementsAre(HasSubstr("expected an object")));
}

TEST(AbrTrace, NamesEveryWrongNumber) {
  EXPECT_THAT(problems_of_trace(R"([{"duration_ms": -1, "bandwidth_kbps": -5, "latency_ms": -2}, {"duration_ms": "x"}, 3])"),
              ElementsAre(HasSubstr("[0].duration_ms: is -1; must be above 0"), HasSubstr("[0].bandwidth_kbps: is -5; must be at least 0"),
                          HasSubstr("[0].latency_ms: is -2"), HasSubstr("[1].duration_ms: expected a number"),
                          HasSubstr("[1].bandwidth_kbps: is required"), HasSubstr("[1].latency_ms: is required"),
                          HasSubstr("[2]: must be an object")));
}

TEST(AbrTrace, MustCarrySomething) {
  EXPECT_THAT(problems_of_trace("[]"), ElementsAre(HasSubstr("at least one")));
  EXPECT_THAT(problems_of_trace(R"([{"duration_ms": 1, "bandwidth_kbps": 0, "latency_ms": 0}])"), ElementsAre(HasSubstr("0 throughout")));
}

TEST(AbrTrace, CountsThePeriodsThatASessionPasses) {
  const Movie movie{.kbps = {1000}, .utilities = {0}, .segment_ms = 2000, .bits = {2e6, 2e6}};
  EXPECT_DOUBLE_EQ(periods_passed({{.ms = 10, .kbps = 100}, {.ms = 10, .kbps = 100, .latency_ms = 1000}}, movie), 4000 + 600);
}

TEST(AbrRules, AreListedForOneThatIsUnknown) {
  EXPECT_FALSE(rule_named("bola9").has_value());
  EXPECT_THAT(rule_named("bola9").error().message, HasSubstr("throughput, bola, bola-basic"));
}

}  // namespace
}  // namespace harness::abr

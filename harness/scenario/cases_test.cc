#include "harness/scenario/cases.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace harness {
namespace {

using testing::ElementsAre;

std::vector<ScenarioCase> cases_of(const std::string& text, std::vector<std::string>* told = nullptr) {
  const base::Json document = base::parse_json(text).value();
  std::vector<base::Problem> problems;
  base::JsonObject root{document, "", problems};
  std::vector<ScenarioCase> cases = read_cases(root);
  if (told != nullptr)
    for (const base::Problem& problem : problems) told->push_back(problem.path + ": " + problem.message);
  return cases;
}

TEST(ScenarioCases, AreNamesWithWhatTheySet) {
  const auto cases = cases_of(
      R"({"cases": [{"name": "alone"}, {"name": "pair", "set": {"content.contribution.backup": {"protocol": "srt"}, "seed": 3}}]})");
  EXPECT_THAT(cases,
              ElementsAre(ScenarioCase{.name = "alone", .sets = {}},
                          ScenarioCase{.name = "pair", .sets = {{"content.contribution.backup", R"({"protocol":"srt"})"}, {"seed", "3"}}}));
  EXPECT_TRUE(cases_of("{}").empty());
}

TEST(ScenarioCases, TellEveryProblem) {
  std::vector<std::string> told;
  cases_of(R"({"cases": [{"name": "a", "set": [1]}, {"name": "a", "set": {"cases": []}, "sets": {}}, {"set": {}}]})", &told);
  EXPECT_THAT(told,
              ElementsAre("cases[0].set: expected an object of paths and values, such as { \"audience.sessions\": 50 }",
                          "cases[1].set: \"cases\" cannot be set by a case", "cases[1].name: \"a\" is the name of another case already",
                          testing::StartsWith("cases[1].sets: is not a known field"),
                          "cases[2].name: is required and missing; for example \"name\": \"with-a-backup\""));
  told.clear();
  cases_of(R"({"cases": [{"name": "a"}, {"name": "cases.html"}]})", &told);
  EXPECT_THAT(told, ElementsAre("cases[1].name: \"cases.html\" is the name of a file of Rehearsal's own; choose another"));
  told.clear();
  cases_of(R"({"cases": [{"name": "a"}]})", &told);
  EXPECT_THAT(told, ElementsAre("cases: has one entry, so there is nothing to hold it against; add another or remove it"));
}

TEST(ScenarioCases, FindsWhatIsGivenForAllInVain) {
  const auto cases = cases_of(R"({"cases": [{"name": "a", "set": {"seed": 3, "duration": "9s"}}, {"name": "b", "set": {"seed": 4}}]})");
  const auto vain = overrides_in_vain({{"duration", "5s"}, {"seed", "9"}}, cases);
  ASSERT_EQ(vain.size(), 1U);
  EXPECT_EQ(vain[0].path, "seed");
  EXPECT_THAT(vain[0].message, testing::HasSubstr("every case sets it itself"));
  EXPECT_TRUE(overrides_in_vain({{"seed", "9"}}, {}).empty());
}

}  // namespace
}  // namespace harness

// For the tests of this folder: a small valid scenario as JSON, changed one value at a time.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/scenario/load.h"
#include "harness/scenario/override.h"

namespace harness {

inline constexpr std::string_view kSmallScenario = R"({
  "name": "small", "target": { "reference": {} }, "content": { "kind": "live" }, "duration": "60s",
  "audience": {
    "sessions": 10, "arrivals": { "shape": "burst", "over": "20s" },
    "cohorts": [
      { "share": 0.5, "device": "ios", "network": "wifi", "region": "eu", "path": "direct" },
      { "share": 0.5, "device": "desktop-dashjs", "network": "fibre", "region": "us", "path": "authenticated", "watch": "30s" } ] },
  "drills": [
    { "name": "token", "at": "20s", "inject": "token-expiry", "cohorts": { "path": "authenticated" } },
    { "name": "feed", "at": "30s", "inject": "contribution-loss", "for": "8s" } ],
  "gates": { "startup_success": "rate>=0.99" }
})";

using Changes = std::vector<std::pair<std::string, std::string>>;

inline base::Json small_scenario(const Changes& changes = {}) {
  base::Json document = *base::parse_json(kSmallScenario);
  for (const auto& [path, value] : changes) EXPECT_TRUE(apply_override(document, path, value).has_value()) << path;
  return document;
}

// "path: message" of every problem.
inline std::vector<std::string> problems_of(const base::Json& document) {
  std::vector<base::Problem> problems;
  read_scenario(document, "small.json", problems);
  std::vector<std::string> out;
  for (const base::Problem& problem : problems) out.push_back(problem.path + ": " + problem.message);
  return out;
}
inline std::vector<std::string> problems_with(const Changes& changes) { return problems_of(small_scenario(changes)); }

inline Scenario valid_scenario(const Changes& changes = {}) {
  std::vector<base::Problem> problems;
  Scenario scenario = read_scenario(small_scenario(changes), "small.json", problems);
  for (const base::Problem& problem : problems) ADD_FAILURE() << problem.path << ": " << problem.message;
  return scenario;
}

}  // namespace harness

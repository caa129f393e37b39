// A scenario's cases: the same scenario several times, each time with some fields set otherwise, to be held against each other.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/json_reader.h"

namespace harness {

struct ScenarioCase {
  using Sets = std::vector<std::pair<std::string, std::string>>;  // as --set has them: dotted paths and JSON
  std::string name;
  Sets sets;
  // The command line's come first: a case differs from the others in what it sets itself.
  Sets behind(Sets others) const {
    others.insert(others.end(), sets.begin(), sets.end());
    return others;
  }
  friend bool operator==(const ScenarioCase&, const ScenarioCase&) = default;
};

// Of a scenario document's "cases"; none when there is none.
std::vector<ScenarioCase> read_cases(base::JsonObject& root);
// Of a file. Problems in other places are not told here. Throws base::InvalidInput.
std::vector<ScenarioCase> load_cases(const std::string& file);
// Of the command line's, those that would have no effect because every case sets the same field.
std::vector<base::Problem> overrides_in_vain(const ScenarioCase::Sets& overrides, const std::vector<ScenarioCase>& cases);

}  // namespace harness

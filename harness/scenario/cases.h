// A scenario's cases: the same scenario several times, each time with some fields set otherwise, to be held against each other.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/json_reader.h"

namespace harness {

struct ScenarioCase {
  std::string name;
  std::vector<std::pair<std::string, std::string>> sets;  // as --set has them: dotted paths and JSON
  friend bool operator==(const ScenarioCase&, const ScenarioCase&) = default;
};

// Of a scenario document's "cases"; none when there is none.
std::vector<ScenarioCase> read_cases(base::JsonObject& root);
// Of a file. Problems in other places are not told here. Throws base::InvalidInput.
std::vector<ScenarioCase> load_cases(const std::string& file);

}  // namespace harness

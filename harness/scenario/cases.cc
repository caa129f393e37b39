#include "harness/scenario/cases.h"

#include <algorithm>
#include <array>
#include <set>

#include "harness/scenario/fields.h"

namespace harness {
namespace {

constexpr std::size_t kMostCases = 100;
// What stands beside the folders of the cases, or did when the directory was that of one run.
constexpr std::array<std::string_view, 9> kOwnFiles{"cases.json",  "cases.html",      "scenario.json", "run.db",    "summary.json",
                                                    "report.html", "timeline.ndjson", "junit.xml",     "server.log"};

ScenarioCase::Sets read_sets(base::JsonObject& json) {
  ScenarioCase::Sets sets;
  const base::Json* object = json.take("set");
  if (object == nullptr) return sets;
  if (!object->is_object()) {
    json.problem("set", "expected an object of paths and values, such as { \"audience.sessions\": 50 }");
    return sets;
  }
  for (const auto& [path, value] : object->items()) {
    if (path == "cases" || path.starts_with("cases[") || path == "name")
      json.problem("set", fmt::format("\"{}\" cannot be set by a case", path));
    sets.emplace_back(path, value.dump());
  }
  return sets;
}

}  // namespace

std::vector<ScenarioCase> read_cases(base::JsonObject& root) {
  std::vector<ScenarioCase> cases;
  std::vector<base::JsonObject> list = root.objects("cases");
  if (list.size() > kMostCases) root.problem("cases", fmt::format("has {} entries; {} are the most", list.size(), kMostCases));
  if (root.has("cases") && list.size() == 1)
    root.problem("cases", "has one entry, so there is nothing to hold it against; add another or remove it");
  std::set<std::string> names;
  for (base::JsonObject& json : list) {
    ScenarioCase one{.name = required_name(json, "name", "\"with-a-backup\"").value_or(""), .sets = read_sets(json)};
    if (!one.name.empty() && !names.insert(one.name).second)
      json.problem("name", fmt::format("\"{}\" is the name of another case already", one.name));
    if (std::ranges::find(kOwnFiles, one.name) != kOwnFiles.end())
      json.problem("name", fmt::format("\"{}\" is the name of a file of Rehearsal's own; choose another", one.name));
    json.finish();
    cases.push_back(std::move(one));
  }
  return cases;
}

std::vector<ScenarioCase> load_cases(const std::string& file) {
  const base::Json document = base::read_json_file(file);
  std::vector<base::Problem> problems;
  if (!document.is_object()) return {};
  base::JsonObject root{document, "", problems};
  std::vector<ScenarioCase> cases = read_cases(root);
  base::throw_if_any(file, problems);
  return cases;
}

std::vector<base::Problem> overrides_in_vain(const ScenarioCase::Sets& overrides, const std::vector<ScenarioCase>& cases) {
  std::vector<base::Problem> problems;
  for (const auto& given : overrides) {
    const auto sets_it = [&given](const ScenarioCase& one) {
      return std::ranges::any_of(one.sets, [&given](const auto& set) { return set.first == given.first; });
    };
    if (!cases.empty() && std::ranges::all_of(cases, sets_it))
      problems.push_back({given.first, "every case sets it itself, so it cannot be given for all; change the cases in the file"});
  }
  return problems;
}

}  // namespace harness

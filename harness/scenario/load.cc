#include "harness/scenario/load.h"

#include <fmt/format.h>

#include "harness/scenario/cases.h"
#include "harness/scenario/catalogue.h"
#include "harness/scenario/fields.h"
#include "harness/scenario/override.h"
#include "harness/scenario/sections.h"
#include "netem/model/trace_formats.h"

namespace harness {
namespace {

using base::Json;
using base::JsonObject;
using base::Problem;
using namespace base::literals;

}  // namespace

Scenario read_scenario(const Json& document, const std::string& file, std::vector<Problem>& problems, const TraceReader& read_trace,
                       const DocumentReader& read_document, const VideoNameCheck& check_video) {
  Scenario scenario;
  scenario.file = file;
  JsonObject root{document, "", problems};
  if (!document.is_object()) return scenario;
  root.optional<std::string>("$schema");
  root.optional<std::string>("description");
  scenario.name = required_name(root, "name", "\"premiere\"").value_or("");
  scenario.seed = root.optional<std::uint64_t>("seed", scenario.seed);
  scenario.target = read_target(root);
  scenario.content = read_content(root, {.file = file, .check_video = check_video}, scenario.target);
  scenario.duration = within(root, "duration", required_field<base::Duration>(root, "duration", "\"60s\""), 1s, 24h * 30).value_or(0s);
  Catalogue catalogue = built_in_catalogue();
  extend_catalogue(catalogue, root, {.beside = file, .read = read_trace});
  read_audience(root, catalogue, scenario);
  scenario.links = read_links(root, scenario.sessions);
  scenario.bottlenecks = read_regions(root, scenario.cohorts);
  scenario.virtual_world = read_virtual_world(root, scenario, read_document);
  scenario.drills = read_drills(root, scenario);
  scenario.gates = read_gates(root, scenario);
  read_cases(root);
  check_target(root, scenario);
  root.finish();
  return scenario;
}

Scenario load_scenario(const std::string& file, const std::vector<std::pair<std::string, std::string>>& overrides,
                       const VideoNameCheck& check_video) {
  Json document = base::read_json_file(file);
  std::vector<Problem> problems;
  for (const auto& [path, value] : overrides) {
    if (path.starts_with("cases")) problems.push_back({path, "cannot be set from outside; write cases into the file"});
    const base::Result<void> applied = apply_override(document, path, value);
    if (!applied.has_value()) problems.push_back({path, applied.error().message});
  }
  Scenario scenario = read_scenario(document, file, problems, netem::read_trace_file, base::read_json_file, check_video);
  base::throw_if_any(file, problems);
  return scenario;
}

std::vector<ScenarioCase> load_checked_cases(const std::string& file, const ScenarioCase::Sets& overrides,
                                             const VideoNameCheck& check_video) {
  const std::vector<ScenarioCase> cases = load_cases(file);
  base::throw_if_any("command line", overrides_in_vain(overrides, cases));
  std::vector<Problem> problems;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    try {
      load_scenario(file, cases[i].behind(overrides), check_video);
    } catch (const base::InvalidInput& failure) {
      for (const Problem& problem : failure.problems())
        problems.push_back({fmt::format("cases[{}] ({}): {}", i, cases[i].name, problem.path), problem.message});
    }
  }
  base::throw_if_any(file, problems);
  return cases;
}

}  // namespace harness

#include "harness/kpi/metrics.h"
#include "harness/scenario/cohort_sizes.h"
#include "harness/scenario/fields.h"
#include "harness/scenario/sections.h"

namespace harness {
namespace {

using base::Json;
using base::JsonObject;

// The entry of `gates` under one key; `path` is its place for messages.
struct GateSource {
  std::string path;
  const Json* value;
};

void read_threshold(const std::string& text, const std::string& path, JsonObject& root, Gate& gate) {
  const base::Result<Threshold> threshold = parse_threshold(text, gate.metric);
  if (threshold.has_value()) {
    gate.thresholds.push_back(*threshold);
  } else {
    root.problem(path, threshold.error().message);
  }
}

void read_long_form(const Json& value, const std::string& path, JsonObject& root, Gate& gate) {
  JsonObject json{value, path, root.problems()};
  if (const auto text = required_field<std::string>(json, "threshold", "\"p(95)<2s\""))
    read_threshold(*text, path + ".threshold", root, gate);
  if (json.take("abort") != nullptr) json.problem("abort", "is not supported: gates are judged when the run is over; remove it");
  json.finish();
}

void read_form(const Json& value, const std::string& path, JsonObject& root, Gate& gate) {
  if (value.is_string()) {
    read_threshold(value.get_ref<const std::string&>(), path, root, gate);
  } else if (value.is_object()) {
    read_long_form(value, path, root, gate);
  } else {
    root.problem(path, "is not a threshold; write \"p(95)<2s\", { \"threshold\": \"p(95)<2s\" } or an array of them");
  }
}

void read_forms(const GateSource& source, JsonObject& root, Gate& gate) {
  if (!source.value->is_array()) return read_form(*source.value, source.path, root, gate);
  if (source.value->empty()) root.problem(source.path, "is an empty list; write at least one threshold, or remove the gate");
  for (std::size_t i = 0; i < source.value->size(); ++i) read_form((*source.value)[i], fmt::format("{}[{}]", source.path, i), root, gate);
}

std::vector<std::string> drill_names(const Scenario& scenario) {
  std::vector<std::string> names;
  for (const DrillPlan& drill : scenario.drills)
    if (!drill.name.empty() && std::find(names.begin(), names.end(), drill.name) == names.end()) names.push_back(drill.name);
  return names;
}

// Whether it can be said how many viewers each cohort has, and of which tags they are.
bool is_readable(const Gate& gate, const Scenario& scenario) {
  for (const auto& [tag, value] : gate.tags)
    if (values_of(scenario.cohorts, tag).empty()) return false;
  return scenario.sessions > 0 && !scenario.cohorts.empty() &&
         std::ranges::all_of(scenario.cohorts, [](const Cohort& cohort) { return cohort.share > 0 && cohort.share <= 1; });
}

// Requires: one tag at most.
std::optional<std::string> audience_problem(const Gate& gate, const Scenario& scenario) {
  if (is_drill_metric(gate.metric) || !is_readable(gate, scenario)) return std::nullopt;
  const std::vector<std::size_t> sizes = cohort_sizes(scenario.cohorts, scenario.sessions);
  const auto is_selected = [&gate](const Cohort& cohort) {
    return std::ranges::all_of(gate.tags, [&](const auto& tag) { return value_of(cohort, tag.first) == tag.second; });
  };
  bool is_empty = true, is_without_seeks = true;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    if (sizes[i] == 0 || !is_selected(scenario.cohorts[i])) continue;
    is_empty = false;
    if (scenario.cohorts[i].behaviour.seek) is_without_seeks = false;
  }
  const std::string who = gate.tags.empty() ? "" : fmt::format(" with the {} \"{}\"", gate.tags.begin()->first, gate.tags.begin()->second);
  if (is_empty)
    return fmt::format("has nothing to judge: of {} sessions none is left for viewers{}; raise audience.sessions or their share",
                       scenario.sessions, who);
  if (gate.metric == "seek_latency" && is_without_seeks)
    return fmt::format("has nothing to judge: no viewer{} seeks; add seek to a cohort", who);
  return std::nullopt;
}

// A gate that can have no data would be inconclusive after every run.
std::optional<std::string> selection_problem(const Gate& gate, const Scenario& scenario) {
  if (is_drill_metric(gate.metric) && scenario.drills.empty())
    return fmt::format("has nothing to judge: {} needs a drill and the scenario has none", gate.metric);
  if (gate.metric == "live_latency" && scenario.content.kind == ContentKind::kVod)
    return "has nothing to judge: VOD content has no live latency";
  if (gate.tags.size() > 1) return fmt::format("selects by {} tags; KPIs are kept by one tag at a time, so keep one", gate.tags.size());
  for (const auto& [tag, value] : gate.tags) {
    const std::vector<std::string> used = tag == "drill" ? drill_names(scenario) : values_of(scenario.cohorts, tag);
    if (used.empty() || std::find(used.begin(), used.end(), value) != used.end()) continue;
    return tag == "drill" ? unknown_name("drill", value, used)
                          : fmt::format("no cohort has the {} \"{}\"; the cohorts have {}", tag, value, joined(used));
  }
  return audience_problem(gate, scenario);
}

void add_gate(std::vector<Gate>& gates, Gate gate) {
  const auto same =
      std::find_if(gates.begin(), gates.end(), [&](const Gate& other) { return other.metric == gate.metric && other.tags == gate.tags; });
  if (same == gates.end()) return gates.push_back(std::move(gate));
  same->thresholds.insert(same->thresholds.end(), gate.thresholds.begin(), gate.thresholds.end());
}

}  // namespace

std::vector<Gate> read_gates(JsonObject& root, const Scenario& scenario) {
  std::vector<Gate> gates;
  const Json* json = root.take("gates");
  if (json == nullptr) return gates;
  if (!json->is_object()) {
    root.problem("gates", "expected an object such as { \"startup_success\": \"rate>=0.99\" }");
    return gates;
  }
  check_count(root, "gates", json->size());
  if (json->size() > kMostEntries) return gates;
  for (const auto& item : json->items()) {
    const std::string path = fmt::format("gates.{}", item.key());
    base::Result<Gate> gate = parse_gate_key(item.key());
    if (!gate.has_value()) {
      root.problem(path, gate.error().message);
      continue;
    }
    if (const auto problem = selection_problem(*gate, scenario)) root.problem(path, *problem);
    read_forms({path, &item.value()}, root, *gate);
    add_gate(gates, std::move(*gate));
  }
  return gates;
}

}  // namespace harness

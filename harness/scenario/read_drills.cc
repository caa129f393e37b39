#include "harness/scenario/fields.h"
#include "harness/scenario/sections.h"

namespace harness {
namespace {

using base::Duration;
using base::JsonObject;
using namespace base::literals;

bool is_reference(const Scenario& scenario) { return std::holds_alternative<ReferenceTarget>(scenario.target); }

std::string filter_field(JsonObject& filter, std::string_view property, const Scenario& scenario) {
  const auto value = filter.optional<std::string>(property);
  if (!value) return "";
  const std::vector<std::string> used = values_of(scenario.cohorts, property);
  if (value->empty()) {
    filter.problem(property, "is empty; leave it out to select all");
  } else if (!used.empty() && std::find(used.begin(), used.end(), *value) == used.end()) {
    filter.problem(property, fmt::format("no cohort has the {} \"{}\"; the cohorts have {}", property, *value, joined(used)));
  }
  return *value;
}

CohortFilter read_filter(JsonObject& drill, const Scenario& scenario) {
  auto json = drill.object("cohorts");
  if (!json) return {};
  CohortFilter filter{.device = filter_field(*json, "device", scenario),
                      .network = filter_field(*json, "network", scenario),
                      .region = filter_field(*json, "region", scenario),
                      .path = filter_field(*json, "path", scenario)};
  json->finish();
  return filter;
}

void read_token_expiry(JsonObject& json, const Scenario& scenario, DrillPlan& drill) {
  if (json.take("for") != nullptr) json.problem("for", "is not for token-expiry, which happens at one instant; remove it");
  if (!is_reference(scenario))
    json.problem("inject", "token-expiry needs the reference server: only it can be told to void its tokens; remove the drill");
  const std::size_t before = json.problems().size();
  drill.cohorts = read_filter(json, scenario);
  if (json.problems().size() != before || scenario.cohorts.empty()) return;
  const bool any = std::any_of(scenario.cohorts.begin(), scenario.cohorts.end(), [&](const Cohort& cohort) {
    return cohort.path == PathKind::kAuthenticated && matches(drill.cohorts, cohort);
  });
  if (!any)
    json.problem("cohorts",
                 "selects no cohort whose path is authenticated, so no token would expire; change the filter or a cohort's path");
}

void read_contribution_loss(JsonObject& json, const Scenario& scenario, DrillPlan& drill) {
  if (json.take("cohorts") != nullptr) json.problem("cohorts", "is not for contribution-loss, which all viewers share; remove it");
  drill.lasts = within(json, "for", required_field<Duration>(json, "for", "\"10s\""), 1s, 24h * 30).value_or(0s);
  if (!is_reference(scenario))
    json.problem("inject", "contribution-loss needs the reference server, whose feed the harness makes; remove the drill");
  if (is_reference(scenario) && scenario.content.kind == ContentKind::kVod)
    json.problem("inject", "contribution-loss needs live content: VOD has no feed to lose; remove the drill");
}

void check_time(JsonObject& json, const DrillPlan& drill, Duration duration) {
  if (duration == 0s) return;
  if (drill.at >= duration) {
    json.problem("at", fmt::format("is {}, but the scenario ends at {}; inject it earlier or lengthen the duration",
                                   base::to_text(drill.at), base::to_text(duration)));
  } else if (drill.lasts > duration - drill.at) {
    json.problem("for", fmt::format("lasts until {}, but the scenario ends at {}; shorten it or lengthen the duration",
                                    base::to_text(drill.at + drill.lasts), base::to_text(duration)));
  }
}

DrillPlan read_drill(JsonObject& json, const Scenario& scenario) {
  DrillPlan drill;
  drill.name = required_name(json, "name", "\"feed\"").value_or("");
  drill.at = within(json, "at", required_field<Duration>(json, "at", "\"30s\""), 0s, 24h * 30).value_or(0s);
  const auto inject = required_word(json, "inject", "drill", kDrillNames);
  if (inject) {
    drill.inject = *inject;
    *inject == DrillKind::kTokenExpiry ? read_token_expiry(json, scenario, drill) : read_contribution_loss(json, scenario, drill);
    check_time(json, drill, scenario.duration);
  } else {
    json.take("for");
    json.take("cohorts");
  }
  json.finish();
  return drill;
}

void check_names(JsonObject& root, const std::vector<DrillPlan>& drills) {
  std::map<std::string, std::size_t> first;
  for (std::size_t i = 0; i < drills.size(); ++i) {
    const auto [at, is_new] = first.emplace(drills[i].name, i);
    if (!is_new && !drills[i].name.empty())
      root.problem(fmt::format("drills[{}].name", i),
                   fmt::format("\"{}\" is the name of drills[{}] already; give it another", drills[i].name, at->second));
  }
}

// There is one feed: it cannot be lost while it is lost.
void check_overlaps(JsonObject& root, const std::vector<DrillPlan>& drills) {
  for (std::size_t i = 0; i < drills.size(); ++i) {
    for (std::size_t j = 0; j < drills.size(); ++j) {
      const DrillPlan &later = drills[i], &earlier = drills[j];
      const bool is_pair = earlier.inject == DrillKind::kContributionLoss && later.inject == DrillKind::kContributionLoss &&
                           (earlier.at < later.at || (earlier.at == later.at && j < i));
      if (is_pair && later.at < earlier.at + earlier.lasts)
        root.problem(fmt::format("drills[{}].at", i), fmt::format("the feed is still lost by drills[{}] until {}; inject it later", j,
                                                                  base::to_text(earlier.at + earlier.lasts)));
    }
  }
}

}  // namespace

std::vector<DrillPlan> read_drills(JsonObject& root, const Scenario& scenario) {
  std::vector<DrillPlan> drills;
  std::vector<JsonObject> list = root.objects("drills");
  check_count(root, "drills", list.size());
  if (list.size() > kMostEntries) return drills;
  for (JsonObject& json : list) drills.push_back(read_drill(json, scenario));
  check_names(root, drills);
  check_overlaps(root, drills);
  return drills;
}

}  // namespace harness

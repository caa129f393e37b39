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
  for (const char* name : {"how", "source"})
    if (json.take(name) != nullptr) json.problem(name, "is for drills of the contribution; remove it");
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

bool is_of_contribution(DrillKind kind) { return kind != DrillKind::kTokenExpiry; }
bool lasts(DrillKind kind) { return is_of_contribution(kind) && kind != DrillKind::kEncoderRestart; }
bool chooses_feed(DrillKind kind) { return is_of_contribution(kind) && kind != DrillKind::kBothLost; }

void read_manner(JsonObject& json, DrillPlan& drill) {
  if (drill.inject == DrillKind::kContributionDegraded) {
    drill.degradation = required_word(json, "how", "degradation", kDegradationNames).value_or(drill.degradation);
  } else if (drill.inject == DrillKind::kEncoderRestart) {
    if (json.take("how") != nullptr) json.problem("how", "is not for encoder-restart; remove it");
  } else if (json.has("how")) {
    drill.loss = required_word(json, "how", "manner of losing a feed", kLossNames).value_or(drill.loss);
  }
}

void read_feed(JsonObject& json, const Scenario& scenario, DrillPlan& drill) {
  const bool has_backup = scenario.content.contribution.backup.has_value();
  if (!chooses_feed(drill.inject)) {
    if (json.take("source") != nullptr) json.problem("source", "is not for both-lost, which strikes both; remove it");
    if (!has_backup) json.problem("inject", "both-lost needs content.contribution.backup; add one, or inject contribution-loss");
    return;
  }
  if (!json.has("source")) return;
  drill.feed = required_word(json, "source", "feed", kFeedNames).value_or(drill.feed);
  if (drill.feed == FeedChoice::kBackup && !has_backup)
    json.problem("source", "is the backup, and there is none; add content.contribution.backup or write \"primary\"");
}

void read_contribution_drill(JsonObject& json, const Scenario& scenario, DrillPlan& drill) {
  const std::string_view kind = to_text(drill.inject);
  if (json.take("cohorts") != nullptr) json.problem("cohorts", fmt::format("is not for {}, which all viewers share; remove it", kind));
  if (!is_reference(scenario)) {
    for (const char* name : {"for", "how", "source"}) json.take(name);
    return json.problem("inject", fmt::format("{} needs the reference server, whose feed the harness makes; remove the drill", kind));
  }
  if (scenario.content.kind == ContentKind::kVod) {
    for (const char* name : {"for", "how", "source"}) json.take(name);
    return json.problem("inject", fmt::format("{} needs live content: VOD has no feed to lose; remove the drill", kind));
  }
  if (lasts(drill.inject)) {
    drill.lasts = within(json, "for", required_field<Duration>(json, "for", "\"10s\""), 1s, 24h * 30).value_or(0s);
  } else if (json.take("for") != nullptr) {
    json.problem("for", "is not for encoder-restart, which happens at one instant; remove it");
  }
  read_manner(json, drill);
  read_feed(json, scenario, drill);
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
    is_of_contribution(*inject) ? read_contribution_drill(json, scenario, drill) : read_token_expiry(json, scenario, drill);
    check_time(json, drill, scenario.duration);
  } else {
    for (const char* name : {"for", "cohorts", "how", "source"}) json.take(name);
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

bool strike_one_feed(const DrillPlan& a, const DrillPlan& b) {
  return (strikes(a, FeedChoice::kPrimary) && strikes(b, FeedChoice::kPrimary)) ||
         (strikes(a, FeedChoice::kBackup) && strikes(b, FeedChoice::kBackup));
}

// A feed cannot be lost while it is lost.
void check_overlaps(JsonObject& root, const std::vector<DrillPlan>& drills) {
  for (std::size_t i = 0; i < drills.size(); ++i) {
    for (std::size_t j = 0; j < drills.size(); ++j) {
      const DrillPlan &later = drills[i], &earlier = drills[j];
      const bool is_pair = strike_one_feed(earlier, later) && (earlier.at < later.at || (earlier.at == later.at && j < i));
      if (is_pair && later.at < earlier.at + earlier.lasts)
        root.problem(fmt::format("drills[{}].at", i), fmt::format("the feed is still struck by drills[{}] until {}; inject it later", j,
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

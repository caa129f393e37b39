#include <fmt/format.h>

#include "harness/scenario/load.h"
#include "harness/scenario/names.h"
#include "harness/scenario/save_behaviour.h"
#include "harness/scenario/save_links.h"
#include "harness/scenario/save_virtual.h"

namespace harness {
namespace {

using base::Json;

void put_unless_empty(Json& object, const char* name, const std::string& text) {
  if (!text.empty()) object[name] = text;
}

Json to_json(const ReferenceTarget& target) {
  return {{"reference", {{"token_lifetime", exact_text(target.token_lifetime)}, {"channels", target.channels}}}};
}
Json to_json(const ExternalTarget& target) {
  Json out = Json::object();
  put_unless_empty(out, "url", target.url);
  put_unless_empty(out, "dash_url", target.dash_url);
  put_unless_empty(out, "token_url", target.token_url);
  put_unless_empty(out, "refresh_url", target.refresh_url);
  put_unless_empty(out, "page", target.page);
  put_unless_empty(out, "login_page", target.login_page);
  put_unless_empty(out, "embed_page", target.embed_page);
  put_unless_empty(out, "referrer", target.referrer);
  for (const Channel& channel : target.channels) {
    Json json = Json::object();
    put_unless_empty(json, "url", channel.url);
    put_unless_empty(json, "dash_url", channel.dash_url);
    out["channels"].push_back(std::move(json));
  }
  return out;
}

Json contribution_json(const Contribution& contribution) {
  Json out{{"protocol", name_in(kContributionNames, contribution.protocol)}};
  if (contribution.backup) {
    out["backup"] = {{"protocol", name_in(kContributionNames, *contribution.backup)}};
    out["switch_after"] = exact_text(contribution.switch_after);
    out["failback_after"] = exact_text(contribution.failback_after);
    if (!contribution.unfit_when.empty()) out["unfit_when"] = contribution.unfit_when;
  }
  if (contribution.slate) out["slate"] = true;
  return out;
}

Json content_json(const Scenario& scenario) {
  Json out{{"kind", name_in(kContentNames, scenario.content.kind)}};
  if (std::holds_alternative<ExternalTarget>(scenario.target)) return out;
  out["video"] = scenario.content.video;
  if (scenario.content.kind == ContentKind::kLive) out["contribution"] = contribution_json(scenario.content.contribution);
  return out;
}

Json to_json(const Cohort& cohort) {
  Json out{{"name", cohort.name},       {"share", cohort.share},   {"device", cohort.device},
           {"network", cohort.network}, {"region", cohort.region}, {"path", to_text(cohort.path)}};
  put_behaviour(out, cohort.behaviour);
  if (cohort.max_height) out["max_height"] = *cohort.max_height;
  if (cohort.cmcd) out["cmcd"] = {{"version", cohort.cmcd->version}, {"send", name_in(kCmcdSendingNames, cohort.cmcd->send)}};
  return out;
}

Json audience_json(const Scenario& scenario) {
  Json cohorts = Json::array();
  for (const Cohort& cohort : scenario.cohorts) cohorts.push_back(to_json(cohort));
  const Json arrivals{{"shape", name_in(kShapeNames, scenario.arrivals.shape)}, {"over", exact_text(scenario.arrivals.over)}};
  return {{"sessions", scenario.sessions}, {"arrivals", arrivals}, {"cohorts", std::move(cohorts)}};
}

Json to_json(const CohortFilter& filter) {
  Json out = Json::object();
  put_unless_empty(out, "device", filter.device);
  put_unless_empty(out, "network", filter.network);
  put_unless_empty(out, "region", filter.region);
  put_unless_empty(out, "path", filter.path);
  return out;
}

Json to_json(const DrillPlan& drill) {
  Json out{{"name", drill.name}, {"at", exact_text(drill.at)}, {"inject", to_text(drill.inject)}};
  if (drill.lasts.count() > 0) out["for"] = exact_text(drill.lasts);
  if (drill.feed != FeedChoice::kPrimary) out["source"] = name_in(kFeedNames, drill.feed);
  if (drill.loss != LossManner::kKill) out["how"] = name_in(kLossNames, drill.loss);
  if (drill.inject == DrillKind::kContributionDegraded) out["how"] = name_in(kDegradationNames, drill.degradation);
  if (drill.cohorts != CohortFilter{}) out["cohorts"] = to_json(drill.cohorts);
  return out;
}

Json to_json(const Device& device) {
  Json out{{"engine", to_text(device.engine)},
           {"protocol", to_text(device.protocol)},
           {"max_height", device.max_height},
           {"buffer_target", exact_text(device.buffer_target)},
           {"live_delay", exact_text(device.live_delay)},
           {"initial_estimate", exact_text(device.initial_estimate)}};
  if (is_emulation(device.engine)) return out;
  out["abr"] = name_in(kAbrNames, device.abr);
  out["start_buffer"] = exact_text(device.start_buffer);
  out["resume_buffer"] = exact_text(device.resume_buffer);
  out["append_delay"] = exact_text(device.append_delay);
  out["safety_factor"] = device.safety_factor;
  return out;
}

// "startup_time{device:ios}".
std::string gate_key(const Gate& gate) {
  std::string tags;
  for (const auto& [tag, value] : gate.tags) tags += fmt::format("{}{}:{}", tags.empty() ? "" : ",", tag, value);
  return tags.empty() ? gate.metric : fmt::format("{}{{{}}}", gate.metric, tags);
}

Json gates_json(const std::vector<Gate>& gates) {
  Json out = Json::object();
  for (const Gate& gate : gates) {
    Json thresholds = Json::array();
    for (const Threshold& threshold : gate.thresholds) thresholds.push_back(threshold.text);
    out[gate_key(gate)] = std::move(thresholds);
  }
  return out;
}

template <class T>
Json map_json(const std::map<std::string, T>& entries) {
  Json out = Json::object();
  for (const auto& [name, entry] : entries) out[name] = to_json(entry);
  return out;
}

}  // namespace

Json scenario_to_json(const Scenario& scenario) {
  Json drills = Json::array();
  for (const DrillPlan& drill : scenario.drills) drills.push_back(to_json(drill));
  Json out{{"name", scenario.name},
           {"seed", scenario.seed},
           {"target", std::visit([](const auto& target) { return to_json(target); }, scenario.target)},
           {"content", content_json(scenario)},
           {"duration", exact_text(scenario.duration)},
           {"audience", audience_json(scenario)},
           {"drills", std::move(drills)},
           {"gates", gates_json(scenario.gates)},
           {"devices", map_json(scenario.devices)},
           {"networks", networks_json(scenario.networks)},
           {"links", links_json(scenario.links)},
           {"regions", regions_json(scenario.bottlenecks)}};
  if (scenario.virtual_world) out["virtual"] = virtual_world_json(*scenario.virtual_world, scenario.content.kind);
  return out;
}

}  // namespace harness

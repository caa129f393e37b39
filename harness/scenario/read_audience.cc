#include <cmath>

#include "harness/scenario/fields.h"
#include "harness/scenario/sections.h"

namespace harness {
namespace {

using base::JsonObject;
using namespace base::literals;

constexpr std::int64_t kMostSessions = 1'000'000;
constexpr double kShareTolerance = 1e-6;

Arrivals read_arrivals(JsonObject& audience, base::Duration duration) {
  Arrivals out;
  auto arrivals = required_section(audience, "arrivals", "{ \"shape\": \"burst\", \"over\": \"20s\" }");
  if (!arrivals) return out;
  out.shape = required_word(*arrivals, "shape", "arrival shape", kShapeNames).value_or(out.shape);
  out.over = required_field<base::Duration>(*arrivals, "over", "\"20s\"").value_or(out.over);
  if (duration > 0s && out.over >= duration)
    arrivals->problem("over",
                      fmt::format("is {}, but must be shorter than the scenario's duration of {}, or the last viewers would see nothing",
                                  base::to_text(out.over), base::to_text(duration)));
  arrivals->finish();
  return out;
}

// Kept as written when the catalogue has no such entry, so that nothing else is said to be wrong because of it.
template <class T>
std::string catalogue_field(JsonObject& cohort, std::string_view field, const std::map<std::string, T>& entries, std::string_view example) {
  auto name = required_field<std::string>(cohort, field, example);
  if (name && !entries.contains(*name)) cohort.problem(field, unknown_name(field, *name, names_of(entries)));
  return name.value_or("");
}

std::optional<int> read_max_height(JsonObject& cohort) {
  const auto height = within(cohort, "max_height", cohort.optional<std::int64_t>("max_height"), 0, 8640);
  return height ? std::optional{static_cast<int>(*height)} : std::nullopt;
}

std::optional<Cmcd> read_cmcd(JsonObject& cohort) {
  auto json = cohort.object("cmcd");
  if (!json) return std::nullopt;
  Cmcd cmcd;
  const auto version = required_field<std::int64_t>(*json, "version", "1");
  if (version && *version != 1 && *version != 2) json->problem("version", fmt::format("is {}; write 1 or 2", *version));
  cmcd.version = version == 2 ? 2 : 1;
  cmcd.send = required_word(*json, "send", "way of sending CMCD", kCmcdSendingNames).value_or(cmcd.send);
  json->finish();
  return cmcd;
}

Cohort read_cohort(JsonObject& json, const Catalogue& catalogue, std::size_t channels) {
  Cohort cohort;
  const auto share = required_field<double>(json, "share", "0.5");
  if (share && (*share <= 0 || *share > 1)) json.problem("share", fmt::format("must be above 0 and at most 1, got {:g}", *share));
  cohort.share = share.value_or(std::nan(""));
  cohort.device = catalogue_field(json, "device", catalogue.devices, "\"desktop-hlsjs\"");
  cohort.network = catalogue_field(json, "network", catalogue.networks, "\"fibre\"");
  cohort.region = required_name(json, "region", "\"eu\"").value_or("");
  cohort.path = required_word(json, "path", "path", kPathNames).value_or(cohort.path);
  cohort.behaviour = read_behaviour(json, channels);
  cohort.max_height = read_max_height(json);
  cohort.cmcd = read_cmcd(json);
  const std::string by_properties = fmt::format("{}/{}/{}/{}", cohort.device, cohort.network, cohort.region, to_text(cohort.path));
  cohort.name = name_field(json, "name", kCohortName).value_or(by_properties);
  json.finish();
  return cohort;
}

// An app frames no page.
void check_embed(JsonObject& audience, const std::vector<Cohort>& cohorts, const Catalogue& catalogue) {
  for (std::size_t i = 0; i < cohorts.size(); ++i) {
    const auto device = catalogue.devices.find(cohorts[i].device);
    if (cohorts[i].path != PathKind::kEmbed || device == catalogue.devices.end() || runs_in_page(device->second.engine)) continue;
    audience.problem(fmt::format("cohorts[{}].path", i),
                     fmt::format("embed is a page's, but {} ({}) is an app; choose a player that runs in a page", cohorts[i].device,
                                 to_text(device->second.engine)));
  }
}

void check_shares(JsonObject& audience, const std::vector<Cohort>& cohorts) {
  double sum = 0;
  for (const Cohort& cohort : cohorts) sum += cohort.share;
  if (std::isnan(sum) || std::abs(sum - 1) <= kShareTolerance) return;
  audience.problem("cohorts", fmt::format("the shares add up to {:.7g}; change them so that they add up to 1", sum));
}

void check_names(JsonObject& audience, const std::vector<Cohort>& cohorts) {
  std::map<std::string, std::size_t> first;
  for (std::size_t i = 0; i < cohorts.size(); ++i) {
    const auto [at, is_new] = first.emplace(cohorts[i].name, i);
    if (is_new) continue;
    audience.problem(
        fmt::format("cohorts[{}]", i),
        fmt::format("has the name of cohorts[{}], \"{}\"; give one of them another \"name\", or merge them", at->second, cohorts[i].name));
  }
}

std::vector<Cohort> read_cohorts(JsonObject& audience, const Catalogue& catalogue, std::size_t channels) {
  std::vector<Cohort> cohorts;
  if (!audience.has("cohorts")) {
    report_missing(audience, "cohorts",
                   "[ { \"share\": 1, \"device\": \"desktop-hlsjs\", \"network\": \"fibre\", \"region\": \"eu\", \"path\": \"direct\" } ]");
    return cohorts;
  }
  const std::size_t before = audience.problems().size();
  std::vector<JsonObject> list = audience.objects("cohorts");
  if (list.empty() && audience.problems().size() == before) audience.problem("cohorts", "is empty; a scenario needs at least one cohort");
  check_count(audience, "cohorts", list.size());
  list.erase(list.begin() + static_cast<std::ptrdiff_t>(std::min(list.size(), kMostEntries)), list.end());
  for (JsonObject& json : list) cohorts.push_back(read_cohort(json, catalogue, channels));
  if (!cohorts.empty()) check_shares(audience, cohorts);
  check_names(audience, cohorts);
  check_embed(audience, cohorts, catalogue);
  return cohorts;
}

template <class T>
void keep_used(const std::map<std::string, T>& entries, const std::string& name, std::map<std::string, T>& used) {
  const auto at = entries.find(name);
  if (at != entries.end()) used.insert(*at);
}

}  // namespace

void read_audience(JsonObject& root, const Catalogue& catalogue, Scenario& scenario) {
  auto audience = required_section(root, "audience", "{ \"sessions\": 100, \"arrivals\": {…}, \"cohorts\": […] }");
  if (!audience) return;
  const auto sessions = within(*audience, "sessions", required_field<std::int64_t>(*audience, "sessions", "100"), 1, kMostSessions);
  scenario.sessions = static_cast<std::uint32_t>(sessions.value_or(0));
  scenario.arrivals = read_arrivals(*audience, scenario.duration);
  scenario.cohorts = read_cohorts(*audience, catalogue, channels_of(scenario.target));
  for (const Cohort& cohort : scenario.cohorts) {
    keep_used(catalogue.devices, cohort.device, scenario.devices);
    keep_used(catalogue.networks, cohort.network, scenario.networks);
  }
  audience->finish();
}

std::string value_of(const Cohort& cohort, std::string_view property) {
  if (property == "device") return cohort.device;
  if (property == "network") return cohort.network;
  if (property == "region") return cohort.region;
  return property == "cohort" ? cohort.name : to_text(cohort.path);
}

std::vector<std::string> values_of(const std::vector<Cohort>& cohorts, std::string_view property) {
  std::vector<std::string> values;
  for (const Cohort& cohort : cohorts) {
    const std::string value = value_of(cohort, property);
    if (value.empty()) return {};
    if (std::find(values.begin(), values.end(), value) == values.end()) values.push_back(value);
  }
  return values;
}

}  // namespace harness

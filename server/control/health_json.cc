#include "server/control/health_json.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace server {
namespace {

using base::JsonObject;

void read(JsonObject& json, const char* name, base::Duration& value) { value = json.optional<base::Duration>(name, value); }
void read(JsonObject& json, const char* name, double& value) { value = json.optional<double>(name, value); }

void read(JsonObject& json, const std::string& aspect, DwellTimes& times) {
  read(json, (aspect + "_raise_after").c_str(), times.raise_after);
  read(json, (aspect + "_clear_after").c_str(), times.clear_after);
}

std::string known_aspects() {
  std::string names;
  for (const HealthAspect aspect : kEveryHealthAspect) names += (names.empty() ? "" : ", ") + std::string{to_text(aspect)};
  return names;
}

void read_counts(JsonObject& json, HealthAspectSet& counts) {
  const base::Json* list = json.take("counts");
  if (list == nullptr) return;
  if (!list->is_array()) return json.problem("counts", "expected an array of " + known_aspects());
  counts = {};
  for (std::size_t i = 0; i < list->size(); ++i) {
    const base::Json& word = (*list)[i];
    const auto aspect = word.is_string() ? health_aspect_named(word.get<std::string>()) : std::nullopt;
    if (!aspect) {
      json.problem(fmt::format("counts[{}]", i), fmt::format("is {}; known: {}", word.dump(), known_aspects()));
    } else {
      counts.insert(*aspect);
    }
  }
}

}  // namespace

HealthThresholds read_health_thresholds(JsonObject json) {
  HealthThresholds of;
  const std::size_t before = json.problems().size();
  read_counts(json, of.counts);
  read(json, "picture_gap", of.picture_gap);
  read(json, "picture_clear_after", of.picture_clear_after);
  read(json, "bitrate_window", of.bitrate_window);
  double floor = of.bitrate_floor.kbps();
  read(json, "bitrate_floor_kbps", floor);
  if (floor >= 0 && floor < 1e7) of.bitrate_floor = base::Bitrate::bits_per_second(static_cast<std::int64_t>(floor * 1000));
  if (!(floor >= 0 && floor < 1e7)) json.problem("bitrate_floor_kbps", fmt::format("{}: must be 0 to 1000000", floor));
  read(json, "bitrate_collapse", of.bitrate_collapse);
  read(json, "bitrate", of.bitrate);
  of.continuity_errors =
      static_cast<int>(std::clamp<std::int64_t>(json.optional<std::int64_t>("continuity_errors", of.continuity_errors), 0, 1'000'000));
  read(json, "continuity_window", of.continuity_window);
  read(json, "continuity_clear_after", of.continuity_clear_after);
  read(json, "timestamp_jump", of.timestamp_jump);
  read(json, "timestamps_clear_after", of.timestamps_clear_after);
  read(json, "freeze_difference", of.freeze_difference);
  read(json, "freeze", of.freeze);
  read(json, "black_luma", of.black_luma);
  read(json, "black_spread", of.black_spread);
  read(json, "black", of.black);
  read(json, "silence_level_dbfs", of.silence_level);
  read(json, "silence", of.silence);
  read(json, "skew_limit", of.skew_limit);
  read(json, "skew", of.skew);
  json.finish();
  if (json.problems().size() != before) return of;
  if (const auto checked = check(of); checked.has_error()) {
    const std::string& message = checked.error().message;
    const std::size_t colon = message.find(": ");
    json.problem(message.substr(0, colon), message.substr(colon + 2));
  }
  return of;
}

base::Json to_json(const SourceStatus& source) {
  base::Json json = {{"name", to_text(source.feed)}, {"state", to_text(source.state)}};
  if (!source.reason.empty()) json["reason"] = source.reason;
  json["healthy"] = source.healthy;
  json["impaired"] = base::Json::array();
  for (const ImpairedAspect& aspect : source.impaired)
    json["impaired"].push_back(
        {{"aspect", std::string{to_text(aspect.aspect)}}, {"for_s", base::to_seconds(aspect.lasts)}, {"evidence", aspect.evidence}});
  return json;
}

base::Json to_json(const HealthEvent& event) {
  base::Json json = {{"at", base::to_iso8601(event.when)},
                     {"source", to_text(event.source)},
                     {"aspect", std::string{to_text(event.aspect)}},
                     {"change", event.impaired ? "impaired" : "cleared"},
                     {"evidence", event.evidence}};
  json["figures"] = base::Json::object();
  for (const auto& [name, value] : event.figures) json["figures"][name] = value;
  return json;
}

base::Json to_json(const SourceEvent& event) {
  base::Json json = {{"at", base::to_iso8601(event.when)}, {"source", to_text(event.source)}, {"event", to_text(event.kind)}};
  if (!event.text.empty()) json["text"] = event.text;
  if (event.times > 1) json["times"] = event.times;
  return json;
}

}  // namespace server

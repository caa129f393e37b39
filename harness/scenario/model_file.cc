#include "harness/scenario/model_file.h"

#include "harness/scenario/capacity_fields.h"
#include "harness/scenario/fields.h"
#include "harness/scenario/save_links.h"

namespace harness {
namespace {

using base::Json;
using base::JsonObject;
using namespace base::literals;

constexpr std::string_view kModelSchema = "rehearsal/model/1";
constexpr base::Duration kShortestThink = 1us;
constexpr base::Duration kMostConnectionCpu = 10s;
constexpr double kMostCores = 10'000;

constexpr std::array<ObjectKind, kObjectKinds> kKinds{ObjectKind::kMaster,  ObjectKind::kPlaylist, ObjectKind::kInit,
                                                      ObjectKind::kSegment, ObjectKind::kToken,    ObjectKind::kPage};

// "1us to 1m"; absent, and told, where it is none.
std::optional<base::Duration> think_quantile(JsonObject& json, std::string_view name) {
  const auto value = json.optional<base::Duration>(name);
  if (!value || (*value >= kShortestThink && *value <= kLongestThink)) return value;
  json.problem(
      name, *value > kLongestThink
                ? fmt::format("is {}: no answer takes longer than {} to think of and is waited for; is the unit right?",
                              base::to_text(*value), base::to_text(kLongestThink))
                : fmt::format("is {}: no server answers at once; write at least {}", base::to_text(*value), base::to_text(kShortestThink)));
  return std::nullopt;
}

void check_rising(JsonObject& json, const ThinkTime& think) {
  std::optional<std::size_t> before;
  for (std::size_t i = 0; i < think.at.size(); ++i) {
    if (!think.at[i]) continue;
    if (before && *think.at[i] < *think.at[*before])
      return json.problem(kQuantiles[i].name,
                          fmt::format("is {}, below the {} of {}: quantiles never fall; are the two exchanged?",
                                      base::to_text(*think.at[i]), kQuantiles[*before].name, base::to_text(*think.at[*before])));
    before = i;
  }
}

std::optional<ThinkTime> read_think(JsonObject& parent, const char* name) {
  const Json* field = parent.take(name);
  if (field == nullptr) return std::nullopt;
  ThinkTime think;
  if (field->is_string()) {
    think.at[kMedianQuantile] = think_quantile(parent, name);
    return think.at[kMedianQuantile] ? std::optional{think} : std::nullopt;
  }
  auto json = parent.object(name);
  if (!json) return std::nullopt;
  if (!json->has("median")) report_missing(*json, "median", "\"2ms\"");
  for (std::size_t i = 0; i < kQuantiles.size(); ++i) think.at[i] = think_quantile(*json, kQuantiles[i].name);
  check_rising(*json, think);
  json->finish();
  return think.at[kMedianQuantile] ? std::optional{think} : std::nullopt;
}

void read_connection(JsonObject& root, ServerModel& model) {
  auto json = root.object("connection");
  if (!json) return;
  model.accept_cpu = within(*json, "accept_cpu", json->optional<base::Duration>("accept_cpu"), 0s, kMostConnectionCpu);
  model.tls_cpu = within(*json, "tls_cpu", json->optional<base::Duration>("tls_cpu"), 0s, kMostConnectionCpu);
  model.connections = connections_field(*json, "limit");
  json->finish();
}

void read_capacity(JsonObject& root, ServerModel& model) {
  auto json = root.object("capacity");
  if (!json) return;
  model.requests_per_s = requests_field(*json, "requests_per_s");
  model.egress = egress_field(*json, "egress");
  model.queue = queue_wait_field(*json, "queue");
  model.cores = within(*json, "cores", json->optional<double>("cores"), kLeastCores, kMostCores);
  json->finish();
}

void read_measured(JsonObject& root, ServerModel& model) {
  auto json = root.object("measured");
  if (!json) return;
  model.server = json->optional<std::string>("server", "");
  model.target = json->optional<std::string>("target", "");
  model.date = json->optional<std::string>("date", "");
  for (JsonObject& figure : json->objects("figures")) {
    model.figures.push_back({.figure = figure.optional<std::string>("figure", ""),
                             .count = figure.optional<std::int64_t>("count", 0),
                             .how = figure.optional<std::string>("how", "")});
    figure.finish();
  }
  json->finish();
}

Json think_json(const ThinkTime& think) {
  Json out = Json::object();
  for (std::size_t i = 0; i < kQuantiles.size(); ++i)
    if (think.at[i]) out[kQuantiles[i].name] = exact_text(*think.at[i]);
  return out;
}

template <class T>
void put_if(Json& object, const char* name, const std::optional<T>& value) {
  if (!value) return;
  if constexpr (std::is_arithmetic_v<T>)
    object[name] = *value;
  else
    object[name] = exact_text(*value);
}

void put_section(Json& object, const char* name, Json section) {
  if (!section.empty()) object[name] = std::move(section);
}

Json measured_json(const ServerModel& model) {
  Json out = Json::object();
  for (const auto& [name, text] : {std::pair{"server", &model.server}, std::pair{"target", &model.target}, std::pair{"date", &model.date}})
    if (!text->empty()) out[name] = *text;
  for (const Provenance& each : model.figures)
    out["figures"].push_back({{"figure", each.figure}, {"count", each.count}, {"how", each.how}});
  return out;
}

}  // namespace

const char* to_text(ObjectKind kind) {
  static constexpr std::array<const char*, kObjectKinds> kNames{"master", "playlist", "init", "segment", "token", "page"};
  return kNames[static_cast<std::size_t>(kind)];
}

ServerModel read_server_model(JsonObject& json) {
  ServerModel model;
  const auto schema = required_field<std::string>(json, "schema", "\"rehearsal/model/1\"");
  if (schema && *schema != kModelSchema)
    json.problem("schema", fmt::format("\"{}\" is not one that is read here; it must be \"{}\"", schema->substr(0, 64), kModelSchema));
  json.optional<std::string>("$schema");
  json.optional<std::string>("description");
  if (auto think = json.object("think")) {
    for (const ObjectKind kind : kKinds) model.think[static_cast<std::size_t>(kind)] = read_think(*think, to_text(kind));
    think->finish();
  }
  read_connection(json, model);
  read_capacity(json, model);
  if (auto transcode = json.object("transcode")) {
    model.renditions = renditions_field(*transcode, "renditions");
    transcode->finish();
  }
  read_measured(json, model);
  json.finish();
  return model;
}

ServerModel read_server_model(const Json& document, std::vector<base::Problem>& problems) {
  JsonObject root{document, "", problems};
  return document.is_object() ? read_server_model(root) : ServerModel{};
}

Json server_model_json(const ServerModel& model) {
  Json out{{"schema", kModelSchema}}, think = Json::object(), connection = Json::object(), capacity = Json::object(),
                                      transcode = Json::object();
  for (const ObjectKind kind : kKinds)
    if (const auto& each = model.think[static_cast<std::size_t>(kind)]) think[to_text(kind)] = think_json(*each);
  put_if(connection, "accept_cpu", model.accept_cpu);
  put_if(connection, "tls_cpu", model.tls_cpu);
  put_if(connection, "limit", model.connections);
  put_if(capacity, "requests_per_s", model.requests_per_s);
  put_if(capacity, "egress", model.egress);
  put_if(capacity, "queue", model.queue);
  put_if(capacity, "cores", model.cores);
  put_if(transcode, "renditions", model.renditions);
  put_section(out, "think", std::move(think));
  put_section(out, "connection", std::move(connection));
  put_section(out, "capacity", std::move(capacity));
  put_section(out, "transcode", std::move(transcode));
  put_section(out, "measured", measured_json(model));
  return out;
}

}  // namespace harness

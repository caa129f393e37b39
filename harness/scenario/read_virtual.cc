// The section "virtual".
#include <filesystem>

#include "harness/scenario/capacity_fields.h"
#include "harness/scenario/fields.h"
#include "harness/scenario/model_file.h"
#include "harness/scenario/names.h"
#include "harness/scenario/sections.h"

namespace harness {
namespace {

using base::JsonObject;
using namespace base::literals;

constexpr std::int64_t kMostServers = 64;  // of a region: each has a row in the reports
constexpr std::int64_t kMostRepresented = 1'000;
constexpr base::Duration kLongestHop = 10s;
constexpr base::Duration kLongestFresh = 24h * 365;
constexpr base::ByteCount kLeastCache = base::ByteCount::bytes(1'000'000);  // less than a segment or two keeps nothing
constexpr base::ByteCount kMostCache = base::ByteCount::bytes(1'000'000'000'000'000);

void read_cache_size(JsonObject& json, CachePlan& plan) {
  const auto size = json.optional<base::ByteCount>("cache");
  if (!size) return;
  if (*size >= kLeastCache && *size <= kMostCache)
    plan.cache = *size;
  else
    json.problem("cache", fmt::format("must be between 1MB and 1000TB, got {}; a cache holds segments of megabytes", base::to_text(*size)));
}

void read_freshness(JsonObject& json, CachePlan& plan) {
  const auto fresh = [](JsonObject& object, const char* name) {
    return within(object, name, object.optional<base::Duration>(name), 0s, kLongestFresh);
  };
  if (auto ttl = json.object("ttl")) {
    plan.playlist_ttl = fresh(*ttl, "playlist");
    plan.init_ttl = fresh(*ttl, "init");
    plan.segment_ttl = fresh(*ttl, "segment");
    ttl->finish();
  }
  plan.stale_while_revalidate = fresh(json, "stale_while_revalidate").value_or(plan.stale_while_revalidate);
  plan.stale_if_error = fresh(json, "stale_if_error").value_or(plan.stale_if_error);
}

CachePlan read_cache_plan(JsonObject& json) {
  CachePlan plan;
  plan.count = static_cast<int>(within(json, "count", json.optional<std::int64_t>("count"), 1, kMostServers).value_or(plan.count));
  plan.egress = egress_field(json, "egress");
  plan.requests_per_s = requests_field(json, "requests_per_s");
  plan.connections = connections_field(json, "connections");
  plan.queue = queue_wait_field(json, "queue").value_or(plan.queue);
  read_cache_size(json, plan);
  plan.hit_latency = within(json, "hit_latency", json.optional<base::Duration>("hit_latency"), 0s, kLongestHop).value_or(plan.hit_latency);
  plan.origin_rtt = within(json, "origin_rtt", json.optional<base::Duration>("origin_rtt"), 0s, kLongestHop).value_or(plan.origin_rtt);
  plan.coalesce = json.optional<bool>("coalesce", plan.coalesce);
  read_freshness(json, plan);
  json.finish();
  return plan;
}

OriginPlan read_origin_plan(JsonObject& json) {
  OriginPlan plan{.egress = egress_field(json, "egress"),
                  .requests_per_s = requests_field(json, "requests_per_s"),
                  .connections = connections_field(json, "connections"),
                  .queue = queue_wait_field(json, "queue"),
                  .renditions = renditions_field(json, "renditions")};
  json.finish();
  return plan;
}

// A model file's problems stand behind the field that names it.
void read_model_file(JsonObject& json, const std::string& name, const std::string& beside, const DocumentReader& read,
                     VirtualWorld& world) {
  const std::string file = (std::filesystem::path{beside}.parent_path() / name).lexically_normal().string();
  if (!read) return json.problem("model", "names a file, and none is read here; write the model itself");
  try {
    std::vector<base::Problem> problems;
    const base::Json document = read(file);
    if (!document.is_object())
      return json.problem("model", fmt::format("{} must be an object with \"schema\": \"rehearsal/model/1\"", file));
    world.model = read_server_model(document, problems);
    for (const base::Problem& each : problems) json.problem("model", fmt::format("{}: {}: {}", file, each.path, each.message));
    world.has_model = true;
  } catch (const base::InvalidInput& failure) {
    json.problem("model", failure.what());
  }
}

void read_model(JsonObject& json, const std::string& beside, const DocumentReader& read, VirtualWorld& world) {
  const base::Json* field = json.take("model");
  if (field == nullptr) return;
  if (field->is_string()) return read_model_file(json, field->get<std::string>(), beside, read, world);
  auto inline_model = json.object("model");
  if (!inline_model) return;
  world.model = read_server_model(*inline_model);
  world.has_model = true;
}

void read_edges(JsonObject& json, const std::vector<Cohort>& cohorts, VirtualWorld& world) {
  auto edges = json.object("edges");
  if (!edges) return;
  const std::vector<std::string> used = values_of(cohorts, "region");
  auto given = edges->entries();
  check_count(json, "edges", given.size());
  given.erase(given.begin() + static_cast<std::ptrdiff_t>(std::min(given.size(), kMostEntries)), given.end());
  for (auto& [region, edge] : given) {
    world.edges[region] = read_cache_plan(edge);
    if (!used.empty() && std::find(used.begin(), used.end(), region) == used.end())
      edge.problem("", fmt::format("is not the region of any cohort; the cohorts have {}", joined(used)));
  }
}

// Where a server cannot send the lowest rendition to a single viewer, its figure is a mistake.
void check_egress(JsonObject& json, const std::string& field, const char* what, std::optional<base::Bitrate> egress,
                  const ContentShape& content) {
  const base::Bitrate lowest = least_egress(content);
  if (egress && *egress < lowest)
    json.problem(field, fmt::format("{}is {}: too little for one viewer of the lowest rendition with its audio ({}); is the unit right?",
                                    what, base::to_text(*egress), base::to_text(lowest)));
}

void check_every_egress(JsonObject& json, const VirtualWorld& world) {
  const ContentShape content = world.content.value_or(ContentShape{});
  for (const auto& [region, edge] : world.edges) check_egress(json, fmt::format("edges.{}.egress", region), "", edge.egress, content);
  if (world.shield) check_egress(json, "shield.egress", "", world.shield->egress, content);
  check_egress(json, "origin.egress", "", world.origin.egress, content);
  check_egress(json, "model", "its capacity.egress ", world.model.egress, content);
}

// What regions share is shared by packets, and those of a viewer who plays for others are its own alone.
std::optional<RepresentativePlan> read_representatives(JsonObject& parent, const Scenario& scenario) {
  auto json = parent.object("representatives");
  if (!json) return std::nullopt;
  RepresentativePlan plan;
  const auto of = within(*json, "of", required_field<std::int64_t>(*json, "of", "16"), 1, kMostRepresented);
  plan.of = static_cast<std::uint32_t>(of.value_or(plan.of));
  plan.after = within(*json, "after", json->optional<base::Duration>("after"), 5s, 1h).value_or(plan.after);
  if (scenario.content.kind != ContentKind::kLive)
    json->problem("", "is for live content: on demand viewers are at different places of it; remove it");
  if (!scenario.bottlenecks.empty())
    json->problem("",
                  "cannot go with \"regions\": on a link that a region shares every viewer counts by its own packets; remove one of them");
  json->finish();
  return plan.of > 1 ? std::optional{plan} : std::nullopt;
}

}  // namespace

std::optional<VirtualWorld> read_virtual_world(JsonObject& root, const Scenario& scenario, const DocumentReader& read) {
  auto json = root.object("virtual");
  if (!json) return std::nullopt;
  VirtualWorld world;
  world.http = word_field(*json, "http", "HTTP version", kHttpNames).value_or(world.http);
  read_model(*json, scenario.file, read, world);
  read_edges(*json, scenario.cohorts, world);
  if (auto shield = json->object("shield")) {
    world.shield = read_cache_plan(*shield);
    if (world.edges.empty()) shield->problem("", "has no edges before it to protect the origin from; give \"edges\", or remove it");
  }
  if (auto origin = json->object("origin")) world.origin = read_origin_plan(*origin);
  world.content = read_content_shape(*json, scenario);
  world.representatives = read_representatives(*json, scenario);
  check_every_egress(*json, world);
  json->finish();
  return world;
}

}  // namespace harness

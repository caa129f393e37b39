#include "harness/scenario/save_virtual.h"

#include "harness/scenario/model_file.h"
#include "harness/scenario/names.h"
#include "harness/scenario/save_links.h"

namespace harness {
namespace {

using base::Json;

// Only what is given: an absent limit is none.
template <class T>
void put_given(Json& object, const char* name, const std::optional<T>& value) {
  if (!value) return;
  if constexpr (std::is_arithmetic_v<T>)
    object[name] = *value;
  else
    object[name] = exact_text(*value);
}

Json cache_plan_json(const CachePlan& plan) {
  Json ttl = Json::object();
  put_given(ttl, "playlist", plan.playlist_ttl);
  put_given(ttl, "init", plan.init_ttl);
  put_given(ttl, "segment", plan.segment_ttl);
  Json out{{"count", plan.count}};
  put_given(out, "egress", plan.egress);
  put_given(out, "requests_per_s", plan.requests_per_s);
  put_given(out, "connections", plan.connections);
  out["queue"] = exact_text(plan.queue);
  out["cache"] = std::to_string(plan.cache.count());
  out["hit_latency"] = exact_text(plan.hit_latency);
  out["origin_rtt"] = exact_text(plan.origin_rtt);
  out["coalesce"] = plan.coalesce;
  out["ttl"] = std::move(ttl);
  out["stale_while_revalidate"] = exact_text(plan.stale_while_revalidate);
  out["stale_if_error"] = exact_text(plan.stale_if_error);
  return out;
}

Json origin_plan_json(const OriginPlan& plan) {
  Json out = Json::object();
  put_given(out, "egress", plan.egress);
  put_given(out, "requests_per_s", plan.requests_per_s);
  put_given(out, "connections", plan.connections);
  put_given(out, "queue", plan.queue);
  put_given(out, "renditions", plan.renditions);
  return out;
}

Json content_shape_json(const ContentShape& shape, ContentKind kind) {
  Json ladder = Json::array();
  for (const ContentShape::Rung& rung : shape.ladder)
    ladder.push_back({{"width", rung.width}, {"height", rung.height}, {"bitrate", exact_text(rung.bitrate)}});
  Json out{{"segment", exact_text(shape.segment)},
           {"ladder", std::move(ladder)},
           {"audio", {{"bitrate", exact_text(shape.audio)}, {"muxed", shape.audio_muxed}}}};
  put_given(out, "window", shape.window);
  if (kind == ContentKind::kLive) out["blocking_reload"] = shape.blocking_reload;
  if (kind == ContentKind::kVod) out["duration"] = exact_text(shape.duration);
  return out;
}

}  // namespace

Json virtual_world_json(const VirtualWorld& world, ContentKind kind) {
  Json out{{"http", name_in(kHttpNames, world.http)}};
  if (world.has_model) out["model"] = server_model_json(world.model);
  Json edges = Json::object();
  for (const auto& [region, plan] : world.edges) edges[region] = cache_plan_json(plan);
  out["edges"] = std::move(edges);
  if (world.shield) out["shield"] = cache_plan_json(*world.shield);
  out["origin"] = origin_plan_json(world.origin);
  if (world.representatives)
    out["representatives"] = {{"of", world.representatives->of}, {"after", exact_text(world.representatives->after)}};
  if (world.content) out["content"] = content_shape_json(*world.content, kind);
  return out;
}

}  // namespace harness

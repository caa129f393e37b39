#include "harness/delivery/delivery_notes.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "harness/delivery/cache_server.h"
#include "harness/delivery/origin_server.h"
#include "harness/delivery/server_limits.h"
#include "harness/delivery/think_draw.h"

namespace harness {
namespace {

constexpr std::array<ObjectKind, kObjectKinds> kAllKinds{ObjectKind::kMaster,  ObjectKind::kPlaylist, ObjectKind::kInit,
                                                         ObjectKind::kSegment, ObjectKind::kToken,    ObjectKind::kPage};

std::string listed(const std::vector<std::string>& parts) { return fmt::format("{}", fmt::join(parts, ", ")); }

std::string think_words(const ThinkTime& think) {
  std::string words = base::to_text(*think.at[kMedianQuantile]);
  if (think.at.back()) words += fmt::format(" (99th percentile {})", base::to_text(*think.at.back()));
  return words;
}

// Where the model's figures come from.
std::string model_source(const ServerModel& model) {
  if (model.target.empty()) return "as the model says, which does not say where its figures come from";
  return fmt::format("measured of {}{}{}", model.target, model.server.empty() ? "" : " (" + model.server + ")",
                     model.date.empty() ? "" : " on " + model.date);
}

void add_think(const ServerModel& model, std::vector<std::string>& out) {
  std::vector<std::string> known, assumed;
  for (const ObjectKind kind : kAllKinds) {
    const auto& think = model.think[static_cast<std::size_t>(kind)];
    if (think)
      known.push_back(fmt::format("{} {}", to_text(kind), think_words(*think)));
    else
      assumed.emplace_back(to_text(kind));
  }
  if (!known.empty()) out.push_back(fmt::format("The origin's think times, {}: {}.", model_source(model), listed(known)));
  if (!assumed.empty())
    out.push_back(fmt::format("Assumed: the origin thinks {} before each answer of these kinds, which no model gives: {}.",
                              base::to_text(kAssumedThink), listed(assumed)));
}

// How the model's limits were found: some are lower bounds only.
void add_measured_limits(const ServerModel& model, std::vector<std::string>& out) {
  for (const Provenance& each : model.figures)
    if (each.figure.starts_with("capacity.")) out.push_back(fmt::format("The model's {}: {}.", each.figure, each.how));
}

template <class T, class Words>
std::string limit_words(const std::optional<T>& value, const Words& words) {
  return value ? words(*value) : std::string{"without limit"};
}

std::string lifetime_words(const CachePlan& plan) {
  std::vector<std::string> given;
  for (const auto& [name, ttl] :
       {std::pair{"playlists", plan.playlist_ttl}, std::pair{"init segments", plan.init_ttl}, std::pair{"segments", plan.segment_ttl}})
    if (ttl) given.push_back(fmt::format("of {} {}", name, base::to_text(*ttl)));
  return given.empty() ? "as the answers say" : listed(given) + ", else as the answers say";
}

std::string cache_words(const std::string& who, const CachePlan& plan) {
  const auto number = [](auto value) { return fmt::format("{:g}", static_cast<double>(value)); };
  return fmt::format(
      "Given by the scenario or its defaults, not measured: {}: {}, each: requests/s {}, egress {}, connections {}; queue {}; a hit "
      "takes {}, the way to the origin {} and back; cache {:g} GB each; requests for what is being fetched {}; lifetimes {}; "
      "stale-while-revalidate {}, stale-if-error {}.",
      who, plan.count, limit_words(plan.requests_per_s, number),
      limit_words(plan.egress, [](base::Bitrate rate) { return base::to_text(rate); }), limit_words(plan.connections, number),
      base::to_text(plan.queue), base::to_text(plan.hit_latency), base::to_text(plan.origin_rtt),
      static_cast<double>(plan.cache.count()) / 1e9, plan.coalesce ? "wait for it" : "are passed on", lifetime_words(plan),
      base::to_text(plan.stale_while_revalidate), base::to_text(plan.stale_if_error));
}

// What the origin's limits are reckoned with. No figure of these is a limit by itself.
void add_origin(const VirtualWorld& world, std::vector<std::string>& out) {
  const ServerLimits::Spec spec = limits_of_origin(world);
  const auto source = [](bool scenario, bool model) { return scenario ? "by the scenario" : model ? "by the model" : "assumed"; };
  out.push_back(fmt::format("At the origin a request waits {} at most ({}).", base::to_text(spec.queue),
                            source(world.origin.queue.has_value(), world.model.queue.has_value())));
  if (spec.connection_cpu <= base::Duration{}) return;
  out.push_back(
      fmt::format("A new connection takes {} of the origin's processor time (by the model), and it has {:g} cores ({}): enough for "
                  "{:.3g} new connections a second.",
                  base::to_text(spec.connection_cpu), spec.cores, source(false, world.model.cores.has_value()),
                  spec.cores / base::to_seconds(spec.connection_cpu)));
}

// What no scenario says of caches.
std::string cache_rules() {
  return fmt::format(
      "Caches: where an answer does not say how long it stays fresh, playlists and manifests do for half a segment, segments and init "
      "segments for {} (assumed); what has expired is asked for with its ETag, and what was used longest ago makes room (RFC 9111). A "
      "fetch is made once and has no timeout. New connections cost edges and shields no processor time.",
      base::to_text(kUnsaidFreshness));
}

void add_unlimited(const reports::DeliveryRow& origin, std::vector<std::string>& out) {
  std::vector<std::string> missing;
  if (!origin.requests_limit) missing.emplace_back("requests per second");
  if (!origin.egress_limit) missing.emplace_back("egress");
  if (!origin.connections_limit) missing.emplace_back("connections");
  if (origin.renditions && !origin.renditions_limit) missing.emplace_back("renditions encoded");
  if (!missing.empty()) out.push_back(fmt::format("Assumed: the origin has no limit of {}: none is given.", listed(missing)));
}

}  // namespace

std::vector<std::string> delivery_notes(const VirtualWorld& world, const std::vector<reports::DeliveryRow>& rows) {
  std::vector<std::string> out;
  add_think(world.model, out);
  add_measured_limits(world.model, out);
  if (!rows.empty()) add_unlimited(rows.back(), out);
  if (!world.model.accept_cpu && !world.model.tls_cpu)
    out.emplace_back("Assumed: new connections cost the servers no processor time: no model says how much.");
  add_origin(world, out);
  for (const auto& [region, plan] : world.edges) out.push_back(cache_words("edges of " + region, plan));
  if (world.shield) out.push_back(cache_words("shields", *world.shield));
  if (!world.edges.empty() || world.shield) out.push_back(cache_rules());
  out.push_back(fmt::format(
      "Modelled: requests and bodies wait in queues that are served at the servers' rates, and requests that would wait longer than the "
      "queue allows are answered 503, to come again after {}; a limit counts as met when more than {} of work waits, or one is refused. "
      "Edges pass an "
      "object on once they have all of it, take tokens themselves, and see each request at the origin at the instant it reaches them. "
      "Each viewer keeps one connection to its server.",
      base::to_text(kComeBackAfter), base::to_text(kOverloaded)));
  return out;
}

}  // namespace harness

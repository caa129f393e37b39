#include "harness/run/scaled.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "base/errors.h"
#include "base/text.h"
#include "harness/delivery/server_limits.h"
#include "harness/scenario/capacity_fields.h"

namespace harness {
namespace {

void scale(std::optional<base::Bitrate>& limit, double share) {
  if (limit) limit = std::max(*limit * share, base::Bitrate::bits_per_second(1));
}
void scale(std::optional<double>& limit, double share) {
  if (limit) limit = std::max(*limit * share, kLeastRequestsPerSecond);
}
void scale(std::optional<std::int64_t>& limit, double share) {
  if (limit) limit = std::max<std::int64_t>(1, std::llround(static_cast<double>(*limit) * share));
}

template <class Limits>
void scale_limits(Limits& server, double share) {
  scale(server.egress, share);
  scale(server.requests_per_s, share);
  scale(server.connections, share);
}

// Packets do not get smaller.
constexpr std::int64_t kLeastQueue = 10 * 1500;  // bytes
constexpr base::Bitrate kLeastLink = base::Bitrate::bits_per_second(1000);

// A queue in bytes, too, so that it takes as long to drain. `who`: "down for the viewers of eu". `least`: what it must be enough for, if
// it was; `why`: says so.
void scale_bottleneck(netem::ImpairmentSpec& way, const std::string& who, base::Bitrate least, const char* why, double share) {
  auto* rate = std::get_if<base::Bitrate>(&way.rate);
  if (rate == nullptr) return;
  way.queue = netem::queue_limit_of(way);
  const base::Bitrate whole = *rate;
  *rate = *rate * share;
  if (*rate < least && whole >= least)
    throw base::InvalidInput(
        "command line",
        {{"--scale", fmt::format("{:g} leaves {} {}: {} ({}); give more", share, base::to_text(*rate), who, why, base::to_text(least))}});
  if (auto* bytes = std::get_if<base::ByteCount>(&way.queue)) {
    const std::int64_t shrunk = std::llround(static_cast<double>(bytes->count()) * share);
    *bytes = base::ByteCount::bytes(std::max(shrunk, std::min(bytes->count(), kLeastQueue)));
  }
}

// The run keeps its scenario, which must be one that can be run again.
void check_least_egress(const Scenario& scenario, const std::string& who, const std::optional<base::Bitrate>& egress, double share) {
  const base::Bitrate least = least_egress(scenario.virtual_world->content.value_or(ContentShape{}));
  if (!egress || *egress >= least) return;
  throw base::InvalidInput("command line",
                           {{"--scale", fmt::format("{:g} leaves {} of egress to each of the {}: too little for one viewer of the lowest "
                                                    "rendition with its audio ({}); give more, or larger servers",
                                                    share, base::to_text(*egress), who, base::to_text(least))}});
}

std::string megabytes(base::ByteCount size) { return fmt::format("{:.3g} MB", static_cast<double>(size.count()) / 1e6); }

// A limit counts as met when so much waits; one segment alone must not. `factor`: by which the egress was scaled.
void check_egress(const Scenario& scenario, const std::string& who, const std::optional<base::Bitrate>& egress, double factor,
                  double share) {
  const base::ByteCount segment = largest_segment(scenario.virtual_world->content.value_or(ContentShape{}));
  if (!egress) return;
  const double takes = base::to_seconds(segment / *egress), may_take = base::to_seconds(kOverloaded);
  if (takes <= may_take || takes * factor > may_take) return;
  throw base::InvalidInput(
      "command line",
      {{"--scale", fmt::format("{:g} leaves {} of egress to each of the {}, where one segment of {} takes {:.3g} s: a limit counts as met "
                               "at {:g} s; give at least {:.2g}, or larger servers",
                               share, base::to_text(*egress), who, megabytes(segment), takes, may_take,
                               std::ceil(share * takes / may_take * 1e4) / 1e4)}});
}

// So that the largest of them stay about as large as they are.
void scale_edges(const Scenario& scenario, const std::string& region, CachePlan& edges, double share) {
  const int count = std::clamp(static_cast<int>(std::lround(edges.count * share)), 1, edges.count);
  const double each = share * edges.count / count;
  edges.count = count;
  scale_limits(edges, each);
  check_egress(scenario, "edges of " + region, edges.egress, each, share);
  check_least_egress(scenario, "edges of " + region, edges.egress, share);
}

}  // namespace

Scenario scaled(Scenario scenario, double share) {
  scenario.sessions = static_cast<std::uint32_t>(std::max(1.0, std::round(scenario.sessions * share)));
  for (auto& [region, link] : scenario.bottlenecks) {
    const base::Bitrate one =
        least_egress(scenario.virtual_world ? scenario.virtual_world->content.value_or(ContentShape{}) : ContentShape{});
    scale_bottleneck(link.down, "down for the viewers of " + region, one,
                     "too little for one viewer of the lowest rendition with its audio", share);
    scale_bottleneck(link.up, "up for the viewers of " + region, kLeastLink, "less than a link can have", share);
  }
  if (!scenario.virtual_world) return scenario;
  VirtualWorld& world = *scenario.virtual_world;
  for (auto& [region, edges] : world.edges) scale_edges(scenario, region, edges, share);
  if (!world.edges.empty()) return scenario;
  scale_limits(world.origin, share);
  scale_limits(world.model, share);
  if (world.model.accept_cpu || world.model.tls_cpu)
    world.model.cores = std::max(world.model.cores.value_or(ServerLimits::Spec{}.cores) * share, kLeastCores);
  check_egress(scenario, "origins", world.origin.egress ? world.origin.egress : world.model.egress, share, share);
  for (const auto& egress : {world.origin.egress, world.model.egress}) check_least_egress(scenario, "origins", egress, share);
  return scenario;
}

std::string scale_note(const Scenario& whole, double share) {
  std::string what;
  std::set<std::string> without_edges;
  for (const Cohort& cohort : whole.cohorts)
    if (whole.virtual_world && !whole.virtual_world->edges.contains(cohort.region)) without_edges.insert(cohort.region);
  if (!whole.bottlenecks.empty()) what += ", and that share of what regions share";
  if (whole.virtual_world && whole.virtual_world->edges.empty())
    what += ", and that share of the origin's egress, requests/s, connections and cores";
  else if (whole.virtual_world)
    what +=
        ", and that share of the egress, requests/s and connections of each region's edges; shield and origin are as given: edges ask them "
        "for as many objects, but logins, tokens and pages are fewer";
  if (whole.virtual_world && !whole.virtual_world->edges.empty() && !without_edges.empty())
    what += fmt::format(
        ", and so is all that viewers of regions without edges ({}) ask the origin for: a limit that they meet is met only "
        "at full scale",
        fmt::join(without_edges, ", "));
  return fmt::format("Scaled by {:g}: {} of {} viewers{}. All figures are of this share.", share, scaled(whole, share).sessions,
                     whole.sessions, what);
}

}  // namespace harness

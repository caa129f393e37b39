#include "harness/run/stage_links.h"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "base/errors.h"
#include "harness/run/probe_link.h"

namespace harness {
namespace {

// A router's thread for every second processor: the players, the server and the kernel need the others.
std::size_t most_shards() { return std::clamp<std::size_t>(std::thread::hardware_concurrency() / 2, 1, 8); }

// Cohorts of a region with a bottleneck share a shard, because its packets have to pass one model; the others are dealt out.
std::vector<std::size_t> deal(const Scenario& scenario, std::size_t shards) {
  std::vector<std::size_t> out;
  std::map<std::string, std::size_t> of_region;
  std::size_t next = 0;
  for (const Cohort& cohort : scenario.cohorts) {
    if (!scenario.bottlenecks.contains(cohort.region)) {
      out.push_back(next++ % shards);
      continue;
    }
    const auto [place, is_new] = of_region.try_emplace(cohort.region, next % shards);
    if (is_new) ++next;
    out.push_back(place->second);
  }
  return out;
}

netem::LinkLab::Options lab_options(const Scenario& scenario, netem::BackendChoice backend) {
  netem::LinkLab::Options options{.congestion_control = scenario.links.congestion_control,
                                  .backend = backend,
                                  .players = {scenario.links.address, scenario.links.prefix_length},
                                  .shards = std::min(most_shards(), scenario.cohorts.size())};
  for (const auto& [region, link] : scenario.bottlenecks) options.bottlenecks.push_back({region, link});
  return options;
}

std::map<std::string, std::size_t> indices_of(const std::map<std::string, netem::LinkSpec>& bottlenecks) {
  std::map<std::string, std::size_t> out;
  for (const auto& [region, link] : bottlenecks) out.emplace(region, out.size());
  return out;
}

void add_kernel_notes(const Scenario& scenario, std::vector<std::string>& notes) {
  notes.emplace_back(
      "The kernel does not tell how late it sends: hold the round trips that were measured against those that were set. Its cost grows "
      "with "
      "the viewers that load at once; for thousands of them take links.backend \"tun\".");
  for (const auto& [name, network] : scenario.networks)
    for (const auto& [way, spec] : {std::pair{"down", &network.link.down}, std::pair{"up", &network.link.up}})
      for (const std::string& departure : netem::kernel_departures(*spec))
        notes.push_back(fmt::format("Network {}, {}: {}.", name, way, departure));
}

}  // namespace

StageLinks::StageLinks(const Scenario& scenario, netem::BackendChoice backend)
    : scenario_{scenario},
      backend_{backend},
      bottleneck_of_{indices_of(scenario.bottlenecks)},
      shard_of_{deal(scenario, std::min(most_shards(), scenario.cohorts.size()))},
      lab_{lab_options(scenario, backend)} {}

StageLinks::~StageLinks() = default;

void StageLinks::connect(const LinkUse& use) {
  const Cohort& cohort = scenario_.cohorts[use.cohort];
  netem::LinkLab::Plug plug{.viewer = use.viewer,
                            .shard = shard_of_[use.cohort],
                            .link = use.is_probe ? probe_link() : scenario_.networks.at(cohort.network).link,
                            .origin = use.origin,
                            .seed = use.seed};
  const auto found = bottleneck_of_.find(cohort.region);
  if (found != bottleneck_of_.end() && !use.is_probe) plug.bottleneck = found->second;
  lab_.plug(plug);
  connected_.try_emplace(use.viewer);
}

LinkFacts StageLinks::disconnect(base::ViewerId viewer) {
  const auto found = connected_.find(viewer);
  if (found == connected_.end()) return {};
  LinkFacts facts{.reading = lab_.unplug(viewer), .connections = std::move(found->second)};
  connected_.erase(found);
  return facts;
}

std::string StageLinks::source_address(base::ViewerId viewer) const {
  return connected_.contains(viewer) ? lab_.source_address(viewer) : "";
}

int StageLinks::open_socket(base::ViewerId viewer, int type, int protocol, sockaddr_storage& peer, socklen_t& length) {
  if (connected_.contains(viewer)) return lab_.open_socket(viewer, type, protocol, peer, length);
  if (std::holds_alternative<ReferenceTarget>(scenario_.target)) return lab_.open_server_side_socket(peer.ss_family, type, protocol);
  return socket(peer.ss_family, type | SOCK_CLOEXEC, protocol);
}

void StageLinks::note(base::ViewerId viewer, const ConnectionFacts& facts) {
  if (const auto found = connected_.find(viewer); found != connected_.end()) found->second.push_back(facts);
}

std::vector<std::string> StageLinks::notes() const {
  std::vector<std::string> out{
      backend_ == netem::BackendChoice::kTun
          ? "Links were made by the user-space router on TUN devices: each viewer had its own source address and its own link."
          : "Links were made by the kernel's netem: each viewer had its own source address, HTB class and netem queue."};
  if (backend_ == netem::BackendChoice::kKernel) add_kernel_notes(scenario_, out);
  if (std::holds_alternative<ExternalTarget>(scenario_.target))
    out.push_back(
        "The target lies outside: every connection of a viewer ended at a relay behind its link, which made one of its own to the target. "
        "The target saw this machine's address.");
  return out;
}

}  // namespace harness

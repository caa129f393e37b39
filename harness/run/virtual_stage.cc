#include "harness/run/virtual_stage.h"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "base/errors.h"
#include "base/text.h"
#include "harness/run/entrances.h"
#include "harness/scenario/link_words.h"

namespace harness {
namespace {

using namespace base::literals;

// Virtual runs start at this moment, so that manifests and latencies do not depend on when they are run.
constexpr base::UtcTime kVirtualEpoch{std::chrono::sys_days{std::chrono::year{2026} / 1 / 1}};
constexpr base::Duration kStreamAge = 10s;  // how long the stream has been on air when the run begins
constexpr base::Duration kThink = 2ms;
// Of viewers whose requests are kept: some two million rows.
constexpr base::Duration kDetail = std::chrono::seconds{1'000'000};
constexpr std::size_t kSampled = 10'000;
constexpr std::size_t kViewersPerHall = 100, kMostHalls = 256;
// The two ports of the reference server: a viewer connects to each.
constexpr const char* kMedia = "http://model";
constexpr const char* kControl = "http://control.model";

// The reference server's default ladder.
std::vector<ReferenceModel::Rung> ladder() { return {{1280, 720, 2500_kbps}, {854, 480, 1100_kbps}, {426, 240, 300_kbps}}; }

// Throws base::InvalidInput.
ReferenceModel::Options server_options(const Scenario& scenario) {
  const auto* reference = std::get_if<ReferenceTarget>(&scenario.target);
  if (reference == nullptr)
    throw base::InvalidInput(
        scenario.file,
        {{"target.url",
          "cannot be simulated: only the reference target has a model; use \"target\": {\"reference\": {}} or `rehearse run`"}});
  return {.live = scenario.content.kind == ContentKind::kLive,
          .channels = reference->channels,
          .ladder = ladder(),
          .token_lifetime = reference->token_lifetime,
          .think = kThink,
          .wall = {base::VirtualTimeline::kStart - kStreamAge, kVirtualEpoch},
          .seed = scenario.seed};
}

// Of the audience alone, so that a run does not depend on the machine.
std::size_t halls_for(std::size_t sessions) { return std::clamp<std::size_t>(sessions / kViewersPerHall, 1, kMostHalls); }

}  // namespace

VirtualHall::VirtualHall(const Scenario& scenario, const ReferenceModel::Options& server)
    : scenario_{scenario},
      server_{server},
      transport_{timeline_, server_, [this](base::ViewerId viewer) { return link_of(viewer); }, ModelOptions{.seed = scenario.seed}} {}

ModelLink VirtualHall::link_of(base::ViewerId viewer) const {
  const LinkUse& use = uses_.at(viewer);
  return {scenario_.networks.at(scenario_.cohorts[use.cohort].network).link, use.origin};
}

VirtualStage::VirtualStage(const Scenario& scenario, unsigned threads)
    : scenario_{scenario},
      own_{scenario, server_options(scenario)},
      pool_{threads > 0 ? threads : std::max(1u, std::thread::hardware_concurrency())} {
  for (std::size_t i = 0; i < halls_for(scenario.sessions); ++i)
    halls_.push_back(std::make_unique<VirtualHall>(scenario, server_options(scenario)));
}

VirtualStage::~VirtualStage() = default;

bool VirtualStage::run_until(const std::function<bool()>& done, base::Instant deadline) {
  while (!done()) {
    const base::Instant next = std::min(deadline, own_.timeline().next_due().value_or(deadline));
    pool_.run(halls_.size(), [&](std::size_t i) { halls_[i]->timeline().run_before(next); });
    if (own_.timeline().run_until(done, next)) return true;
    if (next == deadline) return false;
  }
  return true;
}

DetailLimits VirtualStage::detail_limits() const {
  return {.rows = static_cast<std::size_t>(std::max<std::int64_t>(1, kDetail / scenario_.duration)), .samples = kSampled};
}

base::WallAnchor VirtualStage::wall() { return {base::VirtualTimeline::kStart - kStreamAge, kVirtualEpoch}; }

template <class Lever>
void VirtualStage::pull(const Lever& lever) {
  lever(own_.server());
  for (const auto& hall : halls_) lever(hall->server());
}

void VirtualStage::set_feed(bool alive) {
  pull([&](ReferenceModel& server) { server.set_feed(own_.timeline().now(), alive); });
}

std::string VirtualStage::manifest_url(StreamingProtocol protocol, std::size_t channel) const {
  return fmt::format("{}/{}/{}/{}", kMedia, scenario_.content.kind == ContentKind::kLive ? "live" : "vod", reference_stream(channel),
                     protocol == StreamingProtocol::kHls ? "master.m3u8" : "manifest.mpd");
}

std::optional<TokenSource> VirtualStage::token_source(std::size_t channel) const {
  const std::string control = kControl;
  return TokenSource{
      .token_url = control + "/v1/tokens", .refresh_url = control + "/v1/tokens/refresh", .stream = reference_stream(channel)};
}

std::optional<Entrance> VirtualStage::entrance(PathKind path, std::size_t channel) const {
  return reference_entrance(path, kMedia, kControl, reference_stream(channel));
}

void VirtualStage::expire_tokens(const std::string& group, std::function<void(std::string)>) {
  pull([&](ReferenceModel& server) { server.expire_group(group); });
}

std::vector<std::string> VirtualStage::notes() const {
  std::vector<std::string> out{"Virtual run: the server and the links are models; no byte crossed a network.",
                               fmt::format("Assumed: each viewer's link has its network's rates and round trip, and no slow start; loss, "
                                           "jitter, queues and the regions' shared bottlenecks are not modelled. The server thinks {} "
                                           "before each answer and is never full.",
                                           base::to_text(kThink))};
  for (const auto& [name, network] : scenario_.networks)
    out.push_back(fmt::format("Network {}: down {}; up {}; round trip {}.", name, in_words(network.link.down), in_words(network.link.up),
                              base::to_text(netem::base_rtt(network.link))));
  return out;
}

}  // namespace harness

#include "harness/run/virtual_stage.h"

#include <fmt/format.h>

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
// The two ports of the reference server: a viewer connects to each.
constexpr const char* kMedia = "http://model";
constexpr const char* kControl = "http://control.model";

// The reference server's default ladder.
std::vector<ReferenceModel::Rung> ladder() { return {{1280, 720, 2500_kbps}, {854, 480, 1100_kbps}, {426, 240, 300_kbps}}; }

}  // namespace

VirtualStage::VirtualStage(const Scenario& scenario) : scenario_{scenario} {
  const auto* reference = std::get_if<ReferenceTarget>(&scenario.target);
  if (reference == nullptr)
    throw base::InvalidInput(
        scenario.file,
        {{"target.url",
          "cannot be simulated: only the reference target has a model; use \"target\": {\"reference\": {}} or `rehearse run`"}});
  model_ = std::make_unique<ReferenceModel>(ReferenceModel::Options{.live = scenario.content.kind == ContentKind::kLive,
                                                                    .channels = reference->channels,
                                                                    .ladder = ladder(),
                                                                    .token_lifetime = reference->token_lifetime,
                                                                    .think = kThink,
                                                                    .wall = {base::VirtualTimeline::kStart - kStreamAge, kVirtualEpoch},
                                                                    .seed = scenario.seed});
  transport_ = std::make_unique<ModelTransport>(
      timeline_, *model_, [this](base::ViewerId viewer) { return link_of(viewer); }, ModelOptions{.seed = scenario.seed});
}

VirtualStage::~VirtualStage() = default;

base::WallAnchor VirtualStage::wall() { return {base::VirtualTimeline::kStart - kStreamAge, kVirtualEpoch}; }

ModelLink VirtualStage::link_of(base::ViewerId viewer) const {
  const LinkUse& use = uses_.at(viewer);
  return {scenario_.networks.at(scenario_.cohorts[use.cohort].network).link, use.origin};
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

void VirtualStage::expire_tokens(const std::string& group, std::function<void(std::string)>) { model_->expire_group(group); }

std::vector<std::string> VirtualStage::notes() const {
  std::vector<std::string> out{
      "Virtual run: the server and the links are models; no byte crossed a network.",
      fmt::format("Each viewer's link has its network's rates, delays, queue and losses; downloads cross it under TCP's "
                  "congestion control (HTTP/1.1, cubic, slow start from 10 packets), a window a round trip and not packet "
                  "by packet. Not modelled: jitter, duplicates, reordering, full queues and losses on the way up beyond "
                  "lost requests, the regions' shared bottlenecks. Assumed: the server thinks {} before each answer "
                  "and is never full.",
                  base::to_text(kThink))};
  for (const auto& [name, network] : scenario_.networks)
    out.push_back(fmt::format("Network {}: down {}; up {}; round trip {}.", name, in_words(network.link.down), in_words(network.link.up),
                              base::to_text(netem::base_rtt(network.link))));
  return out;
}

}  // namespace harness

#include "harness/replay/emulation.h"

#include <fmt/format.h>

#include <array>

#include "base/virtual_timeline.h"
#include "harness/gate/known_names.h"
#include "harness/replay/content_manifests.h"
#include "harness/replay/content_server.h"
#include "harness/replay/emulated_buffer.h"
#include "harness/replay/request_tape.h"
#include "harness/run/viewer.h"
#include "harness/scenario/catalogue.h"
#include "harness/transport/browser_cache.h"
#include "harness/transport/packet_transport.h"

namespace harness {
namespace {

constexpr base::ViewerId kViewer{0};
constexpr base::UtcTime kEpoch{std::chrono::sys_days{std::chrono::year{2026} / 1 / 1}};

std::unique_ptr<Transport> make_network(base::Timeline& timeline, ModelServer& server, base::Instant origin, const EmulationInput& input) {
  const auto link_of = [link = input.link, origin](base::ViewerId) { return ModelLink{link, origin}; };
  const CongestionControl control = input.congestion_control;
  if (input.tcp == TcpModel::kPacket)
    return std::make_unique<PacketTransport>(timeline, server, link_of, PacketOptions{.congestion_control = control});
  return std::make_unique<ModelTransport>(timeline, server, link_of, ModelOptions{.congestion_control = control});
}

// When the player stalled, from what it says of itself.
class StallWatch final : public ViewerObserver {
 public:
  explicit StallWatch(base::Instant t0) : t0_{t0} {}
  void on_note(base::ViewerId, base::Instant at, const Telemetry& what) override {
    if (std::holds_alternative<StallBegan>(what)) open_ = at - t0_;
    if (const auto* ended = std::get_if<StallEnded>(&what)) close(at - t0_ - ended->lasted, ended->lasted);
  }
  void on_finish(base::ViewerId, base::Instant, const Finish& how) override {
    if (how.ending == Ending::kFailed) failure = how.reason;
  }
  void on_lateness(base::Duration) override {}
  void finish(base::Duration length) {
    if (open_) close(*open_, length - *open_);
  }
  std::vector<StallRecord> stalls;
  std::optional<std::string> failure;

 private:
  void close(base::Duration began, base::Duration lasted) {
    stalls.push_back({began, lasted});
    open_.reset();
  }
  base::Instant t0_;
  std::optional<base::Duration> open_;
};

// The session's parts, wired: player on tape on cache on network on server.
class Staging {
 public:
  explicit Staging(const EmulationInput& input)
      : input_{input},
        server_{input.content, {.live = input.recording.live}},
        network_{make_network(timeline_, server_, t0_ + input.recording.trace_start, input)},
        cache_{*network_, timeline_, {t0_, kEpoch}},
        tape_{cache_, timeline_, t0_, [this](const TransportRequest& request) { return describe(request); }},
        stalls_{t0_},
        viewer_{kViewer, config(), timeline_, tape_, stalls_} {}

  SessionRecord run() {
    const base::Duration length = input_.recording.session.length;
    viewer_.begin();
    timeline_.run_until(t0_ + length);
    SessionRecord record{.length = length, .startup = viewer_.totals().startup_time};
    if (!viewer_.finished()) stalls_.finish(length);
    tape_.stop();
    viewer_.stop();
    record.stalls = std::move(stalls_.stalls);
    record.requests = tape_.requests();
    record.failure = stalls_.failure;
    return record;
  }

 private:
  PlayerConfig config() const {
    Device device = input_.device;
    device.protocol = input_.recording.protocol;
    PlayerConfig config{.device = std::move(device),
                        .manifest_url = fmt::format("http://origin{}/{}", input_.recording.live ? "/live" : "",
                                                    input_.recording.protocol == StreamingProtocol::kHls ? "master.m3u8" : "manifest.mpd"),
                        .content = input_.recording.live ? ContentKind::kLive : ContentKind::kVod,
                        .wall = {t0_, kEpoch}};
    return config;
  }

  RequestRecord describe(const TransportRequest& request) {
    RequestRecord record{.cached = cache_.answers(request)};
    if (const auto file = find_file(input_.content, request.url->substr(request.url->rfind('/') + 1))) {
      record.kind = file->kind;
      if (file->kind != RequestKind::kManifest) record.rung = static_cast<int>(file->track);
      if (file->segment > 0) record.segment = static_cast<int>(file->segment);
    }
    record.ahead = levels_of(input_.content, tape_.requests(), viewer_.totals().played);
    return record;
  }

  const EmulationInput& input_;
  base::VirtualTimeline timeline_;
  base::Instant t0_ = timeline_.now();
  ContentServer server_;
  std::unique_ptr<Transport> network_;
  BrowserCache cache_;
  RequestTape tape_;
  StallWatch stalls_;
  Viewer viewer_;
};

struct Emulated {
  const char* player;
  const char* versions;  // what they begin with
  const char* device;
};
constexpr std::array kEmulated{Emulated{"hls.js", "1.7.", "desktop-hlsjs"}, Emulated{"dash.js", "5.2.", "desktop-dashjs"},
                               Emulated{"shaka", "5.2.", "desktop-shaka"}};

std::string known_players() {
  std::string out;
  for (const Emulated& each : kEmulated) out += fmt::format("{}{} {}x", out.empty() ? "" : ", ", each.player, each.versions);
  return out;
}

const Emulated& emulated_for(const Recording& recording) {
  const std::string version = recording.version.substr(recording.version.starts_with('v') ? 1 : 0);
  std::vector<std::string> names;
  for (const Emulated& each : kEmulated) {
    names.emplace_back(each.player);
    if (recording.player == each.player && version.starts_with(each.versions)) return each;
  }
  for (const Emulated& each : kEmulated)
    if (recording.player == each.player)
      throw base::InvalidInput(
          recording.file,
          {{"version", fmt::format("\"{}\" of {} has no emulation; known: {}", recording.version, recording.player, known_players())}});
  throw base::InvalidInput(recording.file, {{"player", unknown_name("player", recording.player, names)}});
}

}  // namespace

Device device_for(const Recording& recording) { return built_in_catalogue().devices.at(emulated_for(recording).device); }

SessionRecord emulate(const EmulationInput& input) { return Staging{input}.run(); }

}  // namespace harness

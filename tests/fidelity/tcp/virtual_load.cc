#include "tests/fidelity/tcp/virtual_load.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <ostream>

#include "base/ensure.h"
#include "base/virtual_timeline.h"
#include "harness/transport/packet_transport.h"
#include "harness/transport/tcp_viewer.h"

namespace fidelity {
namespace {

using namespace std::chrono_literals;
using base::Duration;
using base::Instant;
using harness::TcpPacket;

constexpr base::ViewerId kClient{1};
constexpr Duration kThink = 300us;  // as in harness/replay
// Headers of the lab's nginx (366 bytes and the digits of the length) beyond those that the transport reckons with.
constexpr std::int64_t kMoreHeaders = 366 - static_cast<std::int64_t>(harness::kAnswerHeaders);

double milliseconds_between(Instant from, Instant to) { return base::to_milliseconds(to - from); }

// Answers "…/b-24680" with that many bytes.
class SizedFiles final : public harness::ModelServer {
 public:
  harness::ModelReply reply(Instant, const harness::TransportRequest& request) override {
    const std::string digits = request.url->substr(request.url->rfind('-') + 1);
    const std::int64_t headers = kMoreHeaders + static_cast<std::int64_t>(digits.size());
    return {.bytes = base::ByteCount::bytes(std::stoll(digits) + headers), .think = kThink};
  }
};

class ChainRun final : public harness::TransferReceiver {
 public:
  ChainRun(std::size_t number, const Chain& chain, Instant origin, base::Timeline& timeline, harness::Transport& transport,
           Duration progress_every, base::Json& downloads)
      : number_{number},
        chain_{chain},
        origin_{origin},
        timeline_{timeline},
        transport_{transport},
        progress_every_{progress_every},
        downloads_{downloads} {
    if (!chain_.bytes.empty()) ask_at(origin + chain_.starts);
  }
  bool is_over() const { return next_ == chain_.bytes.size(); }

  void on_progress(harness::TransferId, const harness::TransferProgress&) override { hear(); }
  void on_outcome(harness::TransferId, harness::TransportOutcome&& outcome) override {
    ENSURE(outcome.failure.empty());
    hear();
    downloads_.push_back({{"chain", number_},
                          {"n", next_},
                          {"bytes", chain_.bytes[next_]},
                          {"start_ms", milliseconds_between(origin_, asked_)},
                          {"first_byte_ms", milliseconds_between(origin_, asked_ + outcome.ttfb)},
                          {"end_ms", milliseconds_between(origin_, heard_)},
                          {"silence_ms", base::to_milliseconds(silence_)}});
    if (++next_ < chain_.bytes.size()) ask_at(timeline_.now() + chain_.gap);
  }

 private:
  void ask_at(Instant when) {
    if (!chain_.at.empty()) when = std::max(when, origin_ + chain_.at[next_]);
    timer_ = timeline_.call_at(when, [this] { ask(); });
  }
  void ask() {
    asked_ = heard_ = timeline_.now();
    silence_ = {};
    harness::TransportRequest request{.viewer = kClient, .timeout = 1h, .progress_every = progress_every_};
    request.url = fmt::format("http://chain{}/b-{}", number_, chain_.bytes[next_]);  // an origin, so a connection, of its own
    transport_.start(std::move(request), *this);
  }
  void hear() {
    silence_ = std::max(silence_, timeline_.now() - heard_);
    heard_ = timeline_.now();
  }

  std::size_t number_;
  const Chain& chain_;
  Instant origin_;
  base::Timeline& timeline_;
  harness::Transport& transport_;
  Duration progress_every_;
  base::Json& downloads_;
  base::Timer timer_{};
  std::size_t next_ = 0;
  Instant asked_{}, heard_{};
  Duration silence_{};
};

struct WayCount {
  std::uint64_t packets = 0, drops = 0;
  base::Json json() const { return {{"packets", packets}, {"drops", drops}}; }
};

void print(std::ostream& out, double at, const TcpPacket& packet, bool passes) {
  const harness::TcpSegment& s = packet.segment;
  out << fmt::format("{:.3f} {} {} {} seq {} len {} ack {} win {}", at, packet.direction == TcpPacket::Direction::kDown ? '<' : '>',
                     packet.connection, passes ? "-" : "DROP", s.seq, s.length, s.ack, s.window);
  for (int i = 0; i < s.sack_count; ++i)
    out << fmt::format(" {}-{}", s.sacks[static_cast<std::size_t>(i)].begin, s.sacks[static_cast<std::size_t>(i)].end);
  out << '\n';
}

base::Json run_over(harness::Transport& transport, base::VirtualTimeline& timeline, const Load& load, Instant origin,
                    Duration progress_every) {
  base::Json downloads = base::Json::array();
  std::vector<std::unique_ptr<ChainRun>> chains;
  for (std::size_t i = 0; i < load.chains.size(); ++i)
    chains.push_back(std::make_unique<ChainRun>(i, load.chains[i], origin, timeline, transport, progress_every, downloads));
  timeline.run_until([&] { return std::ranges::all_of(chains, [](const auto& each) { return each->is_over(); }); }, origin + 1h);
  transport.leave(kClient);
  return downloads;
}

}  // namespace

base::Json run_in_virtual_time(const Load& load, const TraceLink& link, const VirtualRun& run, std::ostream* packets) {
  const Instant origin = base::VirtualTimeline::kStart + run.late;
  base::VirtualTimeline timeline;
  SizedFiles server;
  WayCount down, up;
  harness::PacketOptions options{.congestion_control = run.control, .seed = run.seed};
  options.watch = [&](const TcpPacket& packet, bool passes) {
    WayCount& way = packet.direction == TcpPacket::Direction::kDown ? down : up;
    ++way.packets;
    way.drops += passes ? 0 : 1;
    if (packets != nullptr) print(*packets, milliseconds_between(origin, timeline.now()), packet, passes);
  };
  harness::PacketTransport transport{timeline, server, [&](base::ViewerId) { return harness::ModelLink{link.link, origin}; }, options};
  const base::Json downloads = run_over(transport, timeline, load, origin, 1ns);
  return {{"downloads", downloads}, {"down", down.json()}, {"up", up.json()}};
}

base::Json run_as_fluid(const Load& load, const TraceLink& link, const VirtualRun& run) {
  const Instant origin = base::VirtualTimeline::kStart + run.late;
  base::VirtualTimeline timeline;
  SizedFiles server;
  harness::ModelTransport transport{timeline,
                                    server,
                                    [&](base::ViewerId) {
                                      return harness::ModelLink{link.link, origin};
                                    },
                                    {.congestion_control = run.control}};
  return {{"downloads", run_over(transport, timeline, load, origin, {})}};
}

}  // namespace fidelity

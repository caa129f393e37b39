#include "tests/contract/transport_worlds.h"

#include <fmt/format.h>

#include "harness/transport/curl_transport.h"
#include "harness/transport/packet_transport.h"
#include "tests/contract/script_server.h"

namespace contract {
namespace {

using namespace std::chrono_literals;

class CurlWorld final : public TransportWorld {
 public:
  explicit CurlWorld(Addresses addresses) {
    harness::CurlTransport::Options options;
    if (addresses == Addresses::kOwn)
      options.source_address = [](base::ViewerId id) { return fmt::format("127.1.0.{}", index_of(id) + 1); };
    transport_ = std::make_unique<harness::CurlTransport>(time_.io(), time_.timeline(), options);
    boost::asio::ip::tcp::acceptor closed{time_.io(), {boost::asio::ip::make_address("127.0.0.1"), 0}};
    dead_port_ = closed.local_endpoint().port();
  }
  TimelineWorld& time() override { return time_; }
  harness::Transport& transport() override { return *transport_; }
  std::string url(const std::string& path) const override { return fmt::format("http://127.0.0.1:{}{}", server_.port(), path); }
  std::string dead_url() const override { return fmt::format("http://127.0.0.1:{}/", dead_port_); }
  bool sees_connections_closed(base::ViewerId) override {
    return time_.run_until([this] { return server_.open_connections() == 0; });
  }

 private:
  SteadyWorld time_;
  ScriptServer server_{time_.io()};
  std::uint16_t dead_port_ = 0;
  std::unique_ptr<harness::CurlTransport> transport_;
};

struct Witness final : harness::TransferReceiver {
  void on_progress(harness::TransferId, const harness::TransferProgress&) override {}
  void on_outcome(harness::TransferId, harness::TransportOutcome&& answer) override { outcome = std::move(answer); }
  std::optional<harness::TransportOutcome> outcome;
};

// A transport of the virtual world on an 8 Mbit/s link to the scripted model.
template <class Transport, class Options>
class VirtualTransportWorld final : public TransportWorld {
 public:
  VirtualTransportWorld(base::Duration round_trip, std::string origin, Options options)
      : round_trip_{round_trip}, origin_{std::move(origin)}, options_{std::move(options)} {}
  TimelineWorld& time() override { return time_; }
  harness::Transport& transport() override { return transport_; }
  std::string url(const std::string& path) const override { return origin_ + path; }
  std::string dead_url() const override { return origin_ + "/refused"; }
  // A closed connection costs the next request a second round trip; what packets take to serialise comes on top.
  bool sees_connections_closed(base::ViewerId viewer) override {
    Witness witness;
    transport_.start({.viewer = viewer, .url = url("/ok"), .timeout = 1s}, witness);
    if (!time_.run_until([&] { return witness.outcome.has_value(); })) return false;
    return witness.outcome->ttfb >= 2 * round_trip_;
  }

 private:
  base::Duration round_trip_;
  std::string origin_;
  Options options_;
  VirtualWorld time_;
  ScriptModel server_;
  Transport transport_{time_.timeline(), server_,
                       [this](base::ViewerId) {
                         constexpr auto kRate = base::Bitrate::bits_per_second(8'000'000);
                         return harness::ModelLink{kRate, kRate, round_trip_};
                       },
                       options_};
};

using ModelWorld = VirtualTransportWorld<harness::ModelTransport, harness::ModelOptions>;
using PacketWorld = VirtualTransportWorld<harness::PacketTransport, harness::PacketOptions>;

}  // namespace

std::unique_ptr<TransportWorld> make_curl_world(Addresses addresses) { return std::make_unique<CurlWorld>(addresses); }
std::unique_ptr<TransportWorld> make_model_world(harness::CongestionControl control) {
  return std::make_unique<ModelWorld>(4ms, "http://model", harness::ModelOptions{.congestion_control = control});
}
std::unique_ptr<TransportWorld> make_http2_model_world() {
  return std::make_unique<ModelWorld>(4ms, "https://model", harness::ModelOptions{.http2 = true});
}
std::unique_ptr<TransportWorld> make_packet_world(harness::CongestionControl control) {
  return std::make_unique<PacketWorld>(20ms, "http://model", harness::PacketOptions{.congestion_control = control});
}

}  // namespace contract

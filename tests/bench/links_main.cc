// What links cost: players that fetch objects through the user-space router, each behind a link of its own, or over a plain veth pair
// at the same pace. Prints one line of JSON for ci/bench-links.
#include <fmt/format.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/errors.h"
#include "base/steady_timeline.h"
#include "netem/topology/network_namespace.h"
#include "netem/topology/route_socket.h"
#include "netem/topology/tun_device.h"
#include "netem/tun/threaded_receive.h"
#include "netem/tun/tun_router.h"
#include "tests/bench/echo_probe.h"
#include "tests/bench/fetch_load.h"
#include "tests/bench/measure.h"

namespace {

constexpr std::uint32_t kServer = 0xC6120001;          // 198.18.0.1
constexpr netem::Ipv4Prefix kPlayers{0x0A400000, 16};  // 10.64.0.0/16
constexpr std::uint32_t kFirstPlayer = 0x0A400001;
constexpr netem::Ipv4Prefix kPlayersEnd{0x0A000001, 30};  // of the veth pair
constexpr netem::Ipv4Prefix kServersEnd{0x0A000002, 30};

struct Options {
  std::string over = "router";  // router | veth | veth-packets: without segmentation offload, as netem needs it
  std::uint32_t players = 500;
  double rate_mbps = 2;
  double rtt_ms = 20;
  double loss = 0;
  double seconds = 5;  // measured, after as much again
  bool napi = true;
  bool threaded = true;  // see receive_on_own_thread
};

[[noreturn]] void refuse(std::string_view argument) {
  fmt::print(stderr,
             "{}: expected --over=router|veth|veth-packets, --players=N, --rate-mbps=R, --rtt-ms=T, --loss=P, --seconds=S, --napi=0|1 or "
             "--threaded=0|1\n",
             argument);
  std::exit(static_cast<int>(base::ExitCode::kInvalidInput));
}

void set(Options& options, std::string_view argument) {
  const std::size_t equals = argument.find('=');
  if (equals == std::string_view::npos) refuse(argument);
  const std::string_view name = argument.substr(0, equals);
  const std::string value{argument.substr(equals + 1)};
  if (name == "--over" && (value == "router" || value == "veth" || value == "veth-packets")) return void(options.over = value);
  char* end = nullptr;
  const double number = std::strtod(value.c_str(), &end);
  if (value.empty() || *end != 0 || !(number >= 0)) refuse(argument);
  if (name == "--players") return void(options.players = static_cast<std::uint32_t>(number));
  if (name == "--rate-mbps") return void(options.rate_mbps = number);
  if (name == "--rtt-ms") return void(options.rtt_ms = number);
  if (name == "--loss") return void(options.loss = number);
  if (name == "--seconds") return void(options.seconds = number);
  if (name == "--napi") return void(options.napi = number != 0);
  if (name == "--threaded") return void(options.threaded = number != 0);
  refuse(argument);
}

base::Bitrate rate_of(const Options& options) { return base::Bitrate::bits_per_second(static_cast<std::int64_t>(options.rate_mbps * 1e6)); }

// Two namespaces and what joins them.
class Lab {
 public:
  explicit Lab(const Options& options) {
    players_.run([] { netem::RouteSocket{"players"}.add_local_route(kPlayers); });
    servers_.run([] { netem::RouteSocket{"servers"}.add_address("lo", {kServer, 32}); });
    options.over == "router" ? join_by_router(options) : join_by_veth(options.over == "veth-packets");
  }
  netem::NetworkNamespace& players() { return players_; }
  netem::NetworkNamespace& servers() { return servers_; }
  netem::BackendStats stats() { return router_ ? router_->stats() : netem::BackendStats{}; }
  void measure_from() {
    if (router_) router_->measure_from();
  }

 private:
  static std::unique_ptr<netem::TunDevice> device_towards(netem::NetworkNamespace& space, const netem::Ipv4Prefix& other_side,
                                                          const Options& options) {
    return space.run([&] {
      auto device = std::make_unique<netem::TunDevice>(netem::TunDevice::Options{.napi = options.napi});
      netem::RouteSocket route{space.name()};
      route.set_up(device->name());
      if (options.threaded && !netem::receive_on_own_thread(device->name())) fmt::print(stderr, "no receiving threads here\n");
      route.add_route({.to = other_side, .device = device->name(), .congestion_control = "cubic"});
      return device;
    });
  }

  void join_by_router(const Options& options) {
    players_device_ = device_towards(players_, {kServer, 32}, options);
    servers_device_ = device_towards(servers_, kPlayers, options);
    router_.emplace(
        netem::TunRouter::Options{.players = players_device_->descriptor(), .servers = servers_device_->descriptor(), .bottlenecks = {}});
    netem::ImpairmentSpec way{.delay = base::from_seconds(options.rtt_ms / 2000), .loss = netem::RandomLoss{options.loss}};
    netem::LinkSpec link{.down = way, .up = way};
    if (options.rate_mbps > 0) link.down.rate = rate_of(options);
    for (std::uint32_t i = 0; i <= options.players; ++i)  // the last is the probe's
      router_->plug({.address = kFirstPlayer + i, .link = link, .origin = base::steady_now(), .seed = i});
  }

  void join_by_veth(bool by_packets) {
    players_.run([&] {
      netem::RouteSocket route{"players"};
      route.add_veth("p0", "s0", servers_.descriptor());
      route.add_address("p0", kPlayersEnd);
      route.set_up("p0");
      if (by_packets) route.cap_segments("p0", 1);
    });
    servers_.run([&] {
      netem::RouteSocket route{"servers"};
      route.add_address("s0", kServersEnd);
      route.set_up("s0");
      if (by_packets) route.cap_segments("s0", 1);
      route.add_route({.to = kPlayers, .device = "s0", .via = kPlayersEnd.address, .congestion_control = "cubic"});
    });
    players_.run([] { netem::RouteSocket{"players"}.add_route({.to = {kServer, 32}, .device = "p0", .via = kServersEnd.address}); });
  }

  netem::NetworkNamespace players_{"players"}, servers_{"servers"};
  std::unique_ptr<netem::TunDevice> players_device_, servers_device_;
  std::optional<netem::TunRouter> router_;
};

// Seconds of the receiving threads of all TUN devices here.
double receiving_cpu() {
  double sum = 0;
  for (const auto& process : std::filesystem::directory_iterator{"/proc"}) {
    std::ifstream command{process.path() / "comm"}, usage{process.path() / "schedstat"};
    std::string name;
    double nanoseconds = 0;
    if (std::getline(command, name) && name.starts_with("napi/rehearse") && usage >> nanoseconds) sum += nanoseconds * 1e-9;
  }
  return sum;
}

struct Snapshot {
  base::Instant at = base::steady_now();
  base::Duration cpu = bench::process_cpu_time();
  double receiving = receiving_cpu();
  std::int64_t bytes = 0;
  netem::BackendStats router{};
};

void wait_for(double seconds) {
  std::mutex mutex;
  std::unique_lock lock{mutex};
  std::condition_variable never;
  never.wait_for(lock, base::from_seconds(seconds), [] { return false; });
}

void print(const Snapshot& from, const Snapshot& to, std::uint32_t failed, const base::Histogram& added) {
  const double wall = base::to_seconds(to.at - from.at);
  const double gigabits = static_cast<double>(to.bytes - from.bytes) * 8e-9;
  const double router_cpu = base::to_seconds(to.router.cpu - from.router.cpu);
  const auto packets = static_cast<double>(to.router.packets - from.router.packets);
  fmt::print(
      "{{\"wall_s\": {:.3f}, \"gigabits\": {:.4f}, \"process_cpu_s\": {:.4f}, \"receiving_cpu_s\": {:.4f}, \"failed\": {}, "
      "\"router_cpu_s\": {:.4f}, \"packets\": {}, "
      "\"unroutable\": {}, \"late_p50_ms\": {:.4f}, \"late_p99_ms\": {:.4f}, \"late_max_ms\": {:.4f}, "
      "\"added_p50_ms\": {:.4f}, \"added_p99_ms\": {:.4f}}}\n",
      wall, gigabits, base::to_seconds(to.cpu - from.cpu), to.receiving - from.receiving, failed, router_cpu, packets, to.router.unroutable,
      to.router.lateness.quantile(0.5) * 1e3, to.router.lateness.quantile(0.99) * 1e3, to.router.lateness.max() * 1e3,
      added.quantile(0.5) * 1e3, added.quantile(0.99) * 1e3);
}

void run(const Options& options) {
  Lab lab{options};
  const bool paced = options.over != "router" && options.rate_mbps > 0;
  bench::FetchServer server{lab.servers(), kServer, paced ? rate_of(options) : base::Bitrate{}};
  bench::FetchClients clients{lab.players(),
                              server.name(),
                              {.count = options.players, .first_address = kFirstPlayer, .ramp = base::from_seconds(options.seconds / 2)}};
  bench::EchoProbe probe{lab.players(), kFirstPlayer + options.players, lab.servers(), kServer,
                         base::from_seconds(options.over == "router" ? options.rtt_ms / 1e3 : 0)};
  wait_for(options.seconds);
  lab.measure_from();
  probe.measure_from();
  const Snapshot from{.bytes = clients.bytes_received(), .router = lab.stats()};
  wait_for(options.seconds);
  const Snapshot to{.bytes = clients.bytes_received(), .router = lab.stats()};
  print(from, to, clients.failed(), probe.added());
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) set(options, argv[i]);
  if (const netem::Privilege privilege = netem::ensure_network_privilege(); !privilege.granted) {
    fmt::print(stderr, "{}\n", privilege.reason);
    return static_cast<int>(base::ExitCode::kRunFailed);
  }
  try {
    run(options);
  } catch (const std::exception& failure) {
    fmt::print(stderr, "{}\n", failure.what());
    return static_cast<int>(base::ExitCode::kRunFailed);
  }
  return 0;
}

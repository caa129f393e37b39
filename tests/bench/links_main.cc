// What links cost: players that fetch objects, each behind a link of its own (by the user-space router or by the kernel's netem), or over
// a plain veth pair at the same pace. Prints one line of JSON for ci/bench-links. Exit 77: this kernel has no netem.
#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/errors.h"
#include "base/process_usage.h"
#include "base/steady_timeline.h"
#include "netem/links/probe.h"
#include "netem/topology/network_namespace.h"
#include "tests/bench/echo_probe.h"
#include "tests/bench/fetch_load.h"
#include "tests/bench/links_lab.h"
#include "tests/bench/measure.h"

namespace {

using bench::LinksLab;
using bench::Over;

constexpr int kNotHere = 77;  // what test drivers take for "skipped"

struct Options {
  Over over = Over::kRouter;
  std::uint32_t players = 500;
  double rate_mbps = 2;
  double rtt_ms = 20;
  double loss = 0;
  double seconds = 5;  // measured, after as much again
  bool napi = true;
  bool threaded = true;
};

[[noreturn]] void refuse(std::string_view argument) {
  fmt::print(stderr,
             "{}: expected --over=router|kernel|veth|veth-packets, --players=N, --rate-mbps=R, --rtt-ms=T, --loss=P, --seconds=S, "
             "--napi=0|1 or --threaded=0|1\n",
             argument);
  std::exit(static_cast<int>(base::ExitCode::kInvalidInput));
}

std::optional<Over> to_over(std::string_view text) {
  if (text == "router") return Over::kRouter;
  if (text == "kernel") return Over::kKernel;
  if (text == "veth") return Over::kVeth;
  if (text == "veth-packets") return Over::kVethPackets;
  return std::nullopt;
}

void set(Options& options, std::string_view argument) {
  const std::size_t equals = argument.find('=');
  if (equals == std::string_view::npos) refuse(argument);
  const std::string_view name = argument.substr(0, equals);
  const std::string value{argument.substr(equals + 1)};
  if (const auto over = to_over(value); name == "--over" && over) return void(options.over = *over);
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

bool has_links(const Options& options) { return options.over == Over::kRouter || options.over == Over::kKernel; }

netem::LinkSpec link_of(const Options& options) {
  const netem::ImpairmentSpec way{.delay = base::from_seconds(options.rtt_ms / 2000), .loss = netem::RandomLoss{options.loss}};
  netem::LinkSpec link{.down = way, .up = way};
  if (options.rate_mbps > 0) link.down.rate = rate_of(options);
  return link;
}

// The kernel's receiving threads of all TUN devices here, other programs' included, as folders of /proc.
std::set<std::filesystem::path> receiving_threads() {
  std::set<std::filesystem::path> out;
  for (const auto& process : std::filesystem::directory_iterator{"/proc"}) {
    std::ifstream command{process.path() / "comm"};
    if (std::string name; std::getline(command, name) && name.starts_with("napi/rehearse")) out.insert(process.path());
  }
  return out;
}

double receiving_cpu(const std::set<std::filesystem::path>& threads) {
  double sum = 0;
  for (const auto& thread : threads) {
    double nanoseconds = 0;
    if (std::ifstream{thread / "schedstat"} >> nanoseconds) sum += nanoseconds * 1e-9;
  }
  return sum;
}

// Seconds that the machine's cores were not idle, whoever worked: the kernel's timers, too, that interrupt an idle core.
double machine_cpu() {
  std::ifstream file{"/proc/stat"};
  std::string name;
  double user = 0, nice = 0, system = 0, idle = 0, waiting = 0, interrupts = 0, soft_interrupts = 0;
  file >> name >> user >> nice >> system >> idle >> waiting >> interrupts >> soft_interrupts;
  return (user + nice + system + interrupts + soft_interrupts) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

struct Snapshot {
  base::Instant at = base::steady_now();
  base::Duration cpu = base::process_cpu_time();
  double receiving = 0;
  double machine = machine_cpu();
  std::int64_t bytes = 0;
  netem::BackendStats links{};
};

void wait_for(double seconds) {
  std::mutex mutex;
  std::unique_lock lock{mutex};
  std::condition_variable never;
  never.wait_for(lock, base::from_seconds(seconds), [] { return false; });
}

struct Outcome {
  Snapshot from, to;
  std::uint32_t failed = 0;
  std::int64_t resident_growth = 0;  // bytes, from before the first link to the end
  base::Histogram added{};           // seconds, see EchoProbe
};

void print(const Outcome& outcome) {
  const auto& [from, to, failed, resident_growth, added] = outcome;
  fmt::print(
      "{{\"wall_s\": {:.3f}, \"gigabits\": {:.4f}, \"process_cpu_s\": {:.4f}, \"receiving_cpu_s\": {:.4f}, \"machine_cpu_s\": {:.2f}, "
      "\"failed\": {}, \"resident_growth\": {}, ",
      base::to_seconds(to.at - from.at), static_cast<double>(to.bytes - from.bytes) * 8e-9, base::to_seconds(to.cpu - from.cpu),
      to.receiving - from.receiving, to.machine - from.machine, failed, resident_growth);
  fmt::print("\"packets\": {}, \"unroutable\": {}, \"router_cpu_s\": {:.4f}, ", to.links.packets - from.links.packets, to.links.unroutable,
             base::to_seconds(to.links.cpu - from.links.cpu));
  if (const base::Histogram& late = to.links.lateness; late.count() > 0)
    fmt::print("\"late_p50_ms\": {:.4f}, \"late_p99_ms\": {:.4f}, \"late_max_ms\": {:.4f}, ", late.quantile(0.5) * 1e3,
               late.quantile(0.99) * 1e3, late.max() * 1e3);
  fmt::print("\"added_p50_ms\": {:.4f}, \"added_p99_ms\": {:.4f}}}\n", added.quantile(0.5) * 1e3, added.quantile(0.99) * 1e3);
}

Outcome measure(const Options& options) {
  const std::int64_t resident = base::resident_bytes();
  const std::set<std::filesystem::path> others = receiving_threads();
  LinksLab lab{{.over = options.over,
                .players = options.players + 1,  // the last is the probe's
                .link = link_of(options),
                .napi = options.napi,
                .threaded = options.threaded}};
  std::set<std::filesystem::path> own = receiving_threads();
  for (const auto& thread : others) own.erase(thread);
  const bool paced = !has_links(options) && options.rate_mbps > 0;
  bench::FetchServer server{lab.servers(), LinksLab::kServer, paced ? rate_of(options) : base::Bitrate{}};
  bench::FetchClients clients{
      lab.players(),
      server.name(),
      {.count = options.players, .first_address = LinksLab::kFirstPlayer, .ramp = base::from_seconds(options.seconds / 2)}};
  bench::EchoProbe probe{lab.players(), LinksLab::kFirstPlayer + options.players, lab.servers(), LinksLab::kServer,
                         has_links(options) ? base_rtt(link_of(options)) : base::Duration{}};
  wait_for(options.seconds);
  lab.measure_from();
  probe.measure_from();
  const Snapshot from{.receiving = receiving_cpu(own), .bytes = clients.bytes_received(), .links = lab.stats()};
  wait_for(options.seconds);
  const Snapshot to{.receiving = receiving_cpu(own), .bytes = clients.bytes_received(), .links = lab.stats()};
  if (!to.links.failure.empty()) throw base::RunFailed(to.links.failure);
  return {from, to, clients.failed(), base::resident_bytes() - resident, probe.added()};
}

// Two descriptors for each player.
void raise_descriptor_limit() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

int run(const Options& options) {
  if (const netem::Privilege privilege = netem::ensure_network_privilege(); !privilege.granted) throw base::RunFailed(privilege.reason);
  if (options.over == Over::kKernel) {
    if (const netem::Capability kernel = netem::probe_links().kernel; !kernel.available) {
      fmt::print(stderr, "{}\n", kernel.reason);
      return kNotHere;
    }
  }
  raise_descriptor_limit();
  print(measure(options));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) set(options, argv[i]);
  try {
    return run(options);
  } catch (const std::exception& failure) {
    fmt::print(stderr, "{}\n", failure.what());
    return static_cast<int>(base::ExitCode::kRunFailed);
  }
}

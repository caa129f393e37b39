#include "tests/fidelity/tcp/fluid_cases.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/ensure.h"
#include "base/virtual_timeline.h"
#include "harness/transport/packet_transport.h"

namespace fidelity {
namespace {

using namespace std::chrono_literals;

constexpr base::Duration kPatience = 1h;
constexpr std::int64_t kMostSeeds = 1'000;
constexpr std::int64_t kSizes[] = {20'000, 250'000, 1'000'000, 4'000'000};
constexpr FluidCase::Kind kKinds[] = {FluidCase::Kind::kCold, FluidCase::Kind::kWarm, FluidCase::Kind::kRested, FluidCase::Kind::kParallel};

struct SizedAnswers final : harness::ModelServer {
  harness::ModelReply reply(base::Instant, const harness::TransportRequest& request) override {
    return {.bytes = base::ByteCount::bytes(std::stoll(request.url->substr(request.url->rfind('/') + 1)))};
  }
};

struct Stopwatch final : harness::TransferReceiver {
  void on_progress(harness::TransferId, const harness::TransferProgress&) override {}
  void on_outcome(harness::TransferId, harness::TransportOutcome&& outcome) override {
    ENSURE(outcome.failure.empty());
    took += base::to_seconds(outcome.took);
    ++count;
  }
  double took = 0;
  int count = 0;
};

template <class Transport, class Options>
double seconds(const FluidCase& one, harness::CongestionControl control, std::uint64_t seed) {
  base::VirtualTimeline timeline;
  SizedAnswers server;
  Options options;
  options.congestion_control = control;
  options.seed = seed;
  Transport transport{timeline, server,
                      [&](base::ViewerId) {
                        return harness::ModelLink{one.link, base::VirtualTimeline::kStart};
                      },
                      options};
  const auto download = [&](int count) {
    Stopwatch watch;
    for (int i = 0; i < count; ++i) transport.start({.url = fmt::format("http://host{}/{}", i, one.bytes), .timeout = kPatience}, watch);
    timeline.run_until([&] { return watch.count == count; }, timeline.now() + kPatience);
    ENSURE(watch.count == count);
    return watch.took / count;
  };
  const bool used = one.kind == FluidCase::Kind::kWarm || one.kind == FluidCase::Kind::kRested;
  if (used) download(1);
  if (used) timeline.run_until(timeline.now() + (one.kind == FluidCase::Kind::kWarm ? base::Duration{20ms} : base::Duration{2s}));
  return download(one.kind == FluidCase::Kind::kParallel ? 2 : 1);
}

netem::LinkSpec link_of(const netem::Rate& down, base::Duration rtt, const netem::QueueLimit& queue) {
  netem::LinkSpec link;
  link.down = {.rate = down, .delay = rtt / 2, .queue = queue};
  link.up = {.rate = base::Bitrate::bits_per_second(10'000'000), .delay = rtt / 2};
  return link;
}

void add_downloads(std::vector<FluidCase>& out, const std::string& name, const netem::LinkSpec& link) {
  for (const std::int64_t bytes : kSizes)
    for (const FluidCase::Kind kind : kKinds) out.push_back({.link_name = name, .link = link, .bytes = bytes, .kind = kind});
}

}  // namespace

std::string name_of(const FluidCase& one) {
  constexpr const char* kWords[] = {"cold", "warm", "rested", "parallel"};
  return fmt::format("{}, {} kB, {}", one.link_name, one.bytes / 1000, kWords[static_cast<int>(one.kind)]);
}

FluidTimes measure(const FluidCase& one, int megabytes, harness::CongestionControl control) {
  FluidTimes out;
  const bool has_chance = one.link.down.loss != netem::Loss{netem::RandomLoss{}} || one.link.down.jitter.deviation > base::Duration{};
  const int seeds = has_chance ? static_cast<int>(std::clamp<std::int64_t>(megabytes * 1'000'000 / one.bytes, 1, kMostSeeds)) : 1;
  for (int seed = 1; seed <= seeds; ++seed) {
    out.packets += seconds<harness::PacketTransport, harness::PacketOptions>(one, control, static_cast<std::uint64_t>(seed)) / seeds;
    out.fluid += seconds<harness::ModelTransport, harness::ModelOptions>(one, control, static_cast<std::uint64_t>(seed)) / seeds;
  }
  return out;
}

std::vector<FluidCase> lossless_cases() {
  const std::pair<const char*, netem::QueueLimit> queues[] = {
      {"short", netem::QueueLimit{base::ByteCount::bytes(30'000)}}, {"usual", {}}, {"deep", base::ByteCount::bytes(1'500'000)}};
  std::vector<FluidCase> out;
  for (const int mbps : {1, 2, 5, 10, 20, 50})
    for (const int rtt : {10, 40, 100, 200})
      for (const auto& [word, queue] : queues)
        add_downloads(out, fmt::format("{} Mbit/s, {} ms, {} queue", mbps, rtt, word),
                      link_of(base::Bitrate::bits_per_second(mbps * 1'000'000), std::chrono::milliseconds{rtt}, queue));
  return out;
}

std::vector<FluidCase> lossy_cases(double loss) {
  std::vector<FluidCase> out;
  for (const int mbps : {2, 10, 50})
    for (const int rtt : {20, 100}) {
      netem::LinkSpec link = link_of(base::Bitrate::bits_per_second(mbps * 1'000'000), std::chrono::milliseconds{rtt}, {});
      link.down.loss = netem::RandomLoss{loss};
      add_downloads(out, fmt::format("{} Mbit/s, {} ms, {} % lost", mbps, rtt, loss * 100), link);
    }
  return out;
}

// wifi, wifi-busy, 4g, and mobile-unstable at its mean rate.
std::vector<FluidCase> jittery_cases() {
  struct Kind {
    double mbps;
    int rtt, down, up;  // ms; the latter are standard deviations
    double correlation;
    base::Duration queue;
  };
  std::vector<FluidCase> out;
  for (const Kind& each : {Kind{30, 20, 3, 3, 0.5, 100ms}, Kind{8, 30, 10, 10, 0.7, 250ms}, Kind{20, 50, 6, 8, 0.7, 200ms},
                           Kind{2.7, 100, 8, 10, 0.8, 400ms}}) {
    netem::LinkSpec link = link_of(base::Bitrate::bits_per_second(static_cast<std::int64_t>(each.mbps * 1e6)),
                                   std::chrono::milliseconds{each.rtt}, each.queue);
    link.down.jitter = {.deviation = std::chrono::milliseconds{each.down}, .correlation = each.correlation};
    link.up.jitter = {.deviation = std::chrono::milliseconds{each.up}, .correlation = each.correlation};
    add_downloads(out, fmt::format("{} Mbit/s, {} ms, jitter {} ms", each.mbps, each.rtt, each.down), link);
  }
  return out;
}

std::vector<FluidCase> traced_cases(const netem::Trace& trace) {
  std::vector<FluidCase> out;
  constexpr std::size_t kBegins = 8;
  for (std::size_t i = 0; i < kBegins; ++i) {
    netem::Trace turned = trace;
    std::rotate(turned.steps.begin(), turned.steps.begin() + static_cast<std::ptrdiff_t>(i * trace.steps.size() / kBegins),
                turned.steps.end());
    add_downloads(out, fmt::format("{} from {}/{}", trace.name, i, kBegins),
                  link_of(std::make_shared<const netem::Trace>(turned), 40ms, {}));
  }
  return out;
}

FluidSummary summary_of(std::vector<double> apart) {
  for (double& each : apart) each = std::abs(each);
  std::sort(apart.begin(), apart.end());
  ENSURE(!apart.empty());
  return {.median = apart[apart.size() / 2], .p95 = apart[apart.size() * 95 / 100], .most = apart.back()};
}

}  // namespace fidelity

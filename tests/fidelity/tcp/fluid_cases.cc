#include "tests/fidelity/tcp/fluid_cases.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <iterator>
#include <map>
#include <numeric>
#include <span>

#include "base/ensure.h"
#include "base/virtual_timeline.h"
#include "harness/transport/packet_transport.h"
#include "tests/fidelity/tcp/packet_streams.h"
#include "tests/fidelity/tcp/sized_answers.h"

namespace fidelity {
namespace {

using namespace std::chrono_literals;

constexpr base::Duration kPatience = 1h;
constexpr std::int64_t kMostSeeds = 1'000;
constexpr std::int64_t kSizes[] = {20'000, 250'000, 1'000'000, 4'000'000};
constexpr FluidCase::Kind kKinds[] = {FluidCase::Kind::kCold, FluidCase::Kind::kWarm, FluidCase::Kind::kRested, FluidCase::Kind::kParallel};
constexpr FluidCase::Kind kStreamKinds[] = {FluidCase::Kind::kTwoStreams, FluidCase::Kind::kSixStreams, FluidCase::Kind::kSmallLater};
constexpr std::int64_t kSmall = 24'000;

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

// The same downloads of both: one alone, then those that count. Returns: the mean of their times.
template <class Start, class Wait, class Finish>
void play_streams(const FluidCase& one, const Start& start, const Wait& wait, const Finish& finish) {
  start(one.bytes);
  finish();
  wait(20ms);
  for (int i = 0; i < (one.kind == FluidCase::Kind::kTwoStreams ? 2 : one.kind == FluidCase::Kind::kSixStreams ? 6 : 1); ++i)
    start(one.bytes);
  if (one.kind == FluidCase::Kind::kSmallLater) {
    wait(100ms);
    start(kSmall);
  }
  finish();
}

double mean_of_streams(const FluidCase& one, const std::vector<double>& seconds) {
  if (one.kind == FluidCase::Kind::kSmallLater) return seconds.back();
  return std::accumulate(seconds.begin() + 1, seconds.end(), 0.0) / static_cast<double>(seconds.size() - 1);
}

double seconds_of_packet_streams(const FluidCase& one, harness::CongestionControl control, std::uint64_t seed) {
  PacketStreams streams{one.link, seed, control};
  play_streams(
      one, [&](std::int64_t bytes) { streams.ask(bytes); }, [&](base::Duration time) { streams.run_for(time); },
      [&] { streams.run_until_all_is_there(); });
  return mean_of_streams(one, streams.seconds());
}

struct StreamTimes final : harness::TransferReceiver {
  void on_progress(harness::TransferId, const harness::TransferProgress&) override {}
  void on_outcome(harness::TransferId id, harness::TransportOutcome&& outcome) override { took[id] = base::to_seconds(outcome.took); }
  std::map<harness::TransferId, double> took;  // in the order of asking
};

double seconds_of_fluid_streams(const FluidCase& one, harness::CongestionControl control, std::uint64_t seed) {
  base::VirtualTimeline timeline;
  SizedAnswers server;
  StreamTimes times;
  std::size_t asked = 0;
  harness::ModelTransport transport{timeline,
                                    server,
                                    [&](base::ViewerId) {
                                      return harness::ModelLink{one.link, base::VirtualTimeline::kStart};
                                    },
                                    {.congestion_control = control, .http2 = true, .seed = seed}};
  play_streams(
      one,
      [&](std::int64_t bytes) {
        ++asked;
        transport.start({.url = fmt::format("https://host/{}", bytes), .timeout = kPatience}, times);
      },
      [&](base::Duration time) { timeline.run_until(timeline.now() + time); },
      [&] { ENSURE(timeline.run_until([&] { return times.took.size() == asked; }, timeline.now() + kPatience)); });
  std::vector<double> seconds;
  for (const auto& [id, took] : times.took) seconds.push_back(took);
  return mean_of_streams(one, seconds);
}

bool is_of_streams(const FluidCase& one) {
  return std::find(std::begin(kStreamKinds), std::end(kStreamKinds), one.kind) != std::end(kStreamKinds);
}

netem::LinkSpec link_of(const netem::Rate& down, base::Duration rtt, const netem::QueueLimit& queue) {
  netem::LinkSpec link;
  link.down = {.rate = down, .delay = rtt / 2, .queue = queue};
  link.up = {.rate = base::Bitrate::bits_per_second(10'000'000), .delay = rtt / 2};
  return link;
}

void add_downloads(std::vector<FluidCase>& out, const std::string& name, const netem::LinkSpec& link,
                   std::span<const FluidCase::Kind> kinds = kKinds) {
  for (const std::int64_t bytes : kSizes)
    for (const FluidCase::Kind kind : kinds) out.push_back({.link_name = name, .link = link, .bytes = bytes, .kind = kind});
}

bool is_left_to_chance(const netem::ImpairmentSpec& spec) {
  return spec.loss != netem::Loss{netem::RandomLoss{}} || spec.jitter.deviation > base::Duration{} || spec.duplicate > 0 ||
         spec.reorder > 0;
}

std::vector<FluidCase> impaired_cases(const std::string& words, const std::function<void(netem::LinkSpec&)>& impair) {
  std::vector<FluidCase> out;
  for (const int mbps : {2, 10, 50})
    for (const int rtt : {20, 100}) {
      netem::LinkSpec link = link_of(base::Bitrate::bits_per_second(mbps * 1'000'000), std::chrono::milliseconds{rtt}, {});
      impair(link);
      add_downloads(out, fmt::format("{} Mbit/s, {} ms, {}", mbps, rtt, words), link);
    }
  return out;
}

std::vector<FluidCase> cases_without_loss(std::span<const FluidCase::Kind> kinds) {
  const std::pair<const char*, netem::QueueLimit> queues[] = {
      {"short", netem::QueueLimit{base::ByteCount::bytes(30'000)}}, {"usual", {}}, {"deep", base::ByteCount::bytes(1'500'000)}};
  std::vector<FluidCase> out;
  for (const int mbps : {1, 2, 5, 10, 20, 50})
    for (const int rtt : {10, 40, 100, 200})
      for (const auto& [word, queue] : queues)
        add_downloads(out, fmt::format("{} Mbit/s, {} ms, {} queue", mbps, rtt, word),
                      link_of(base::Bitrate::bits_per_second(mbps * 1'000'000), std::chrono::milliseconds{rtt}, queue), kinds);
  return out;
}

}  // namespace

const char* word_of(FluidCase::Kind kind) {
  constexpr const char* kWords[] = {"cold", "warm", "rested", "two at once", "two streams at once", "six streams at once", "24 kB later"};
  return kWords[static_cast<int>(kind)];
}

std::string name_of(const FluidCase& one) { return fmt::format("{}, {} kB, {}", one.link_name, one.bytes / 1000, word_of(one.kind)); }

FluidTimes measure(const FluidCase& one, int megabytes, harness::CongestionControl control) {
  FluidTimes out;
  const bool has_chance = is_left_to_chance(one.link.down) || is_left_to_chance(one.link.up);
  const int seeds = has_chance ? static_cast<int>(std::clamp<std::int64_t>(megabytes * 1'000'000 / one.bytes, 1, kMostSeeds)) : 1;
  for (int seed = 1; seed <= seeds; ++seed) {
    if (is_of_streams(one)) {
      out.packets += seconds_of_packet_streams(one, control, static_cast<std::uint64_t>(seed)) / seeds;
      out.fluid += seconds_of_fluid_streams(one, control, static_cast<std::uint64_t>(seed)) / seeds;
      continue;
    }
    out.packets += seconds<harness::PacketTransport, harness::PacketOptions>(one, control, static_cast<std::uint64_t>(seed)) / seeds;
    out.fluid += seconds<harness::ModelTransport, harness::ModelOptions>(one, control, static_cast<std::uint64_t>(seed)) / seeds;
  }
  return out;
}

std::vector<FluidCase> lossless_cases() { return cases_without_loss(kKinds); }
std::vector<FluidCase> stream_cases() { return cases_without_loss(kStreamKinds); }

std::vector<FluidCase> lossy_cases(double loss) {
  return impaired_cases(fmt::format("{} % lost", loss * 100), [&](netem::LinkSpec& link) { link.down.loss = netem::RandomLoss{loss}; });
}

std::vector<FluidCase> duplicated_cases(double share) {
  return impaired_cases(fmt::format("{} % twice", share * 100),
                        [&](netem::LinkSpec& link) { link.down.duplicate = link.up.duplicate = share; });
}

std::vector<FluidCase> reordered_cases(double down, double up) {
  return impaired_cases(fmt::format("{} % and {} % overtake", down * 100, up * 100), [&](netem::LinkSpec& link) {
    link.down.reorder = down;
    link.up.reorder = up;
  });
}

std::vector<FluidCase> acknowledged_cases() {
  std::vector<FluidCase> out;
  for (const auto& [down, up] : {std::pair{10, 128}, std::pair{50, 500}, std::pair{50, 250}, std::pair{50, 128}}) {
    netem::LinkSpec link = link_of(base::Bitrate::bits_per_second(down * 1'000'000), std::chrono::milliseconds{40}, {});
    link.up.rate = base::Bitrate::bits_per_second(up * 1'000);
    add_downloads(out, fmt::format("{} Mbit/s, {} kbit/s up, 40 ms", down, up), link);
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

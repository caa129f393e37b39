#include "tests/fidelity/tcp/shared_cases.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "base/ensure.h"
#include "base/virtual_timeline.h"
#include "harness/transport/packet_transport.h"
#include "netem/model/link_model.h"
#include "tests/fidelity/tcp/sized_answers.h"

namespace fidelity {
namespace {

using namespace std::chrono_literals;

constexpr base::Duration kSettling = 5s, kMeasured = 30s;
constexpr base::Instant kBegin = base::VirtualTimeline::kStart;

// One viewer's downloads, on connections that stay.
class Downloader final : public harness::TransferReceiver {
 public:
  Downloader(base::Timeline& timeline, harness::Transport& transport, const SharedCase& one, std::uint32_t number, base::Instant begin,
             std::uint64_t seed, std::vector<double>& took)
      : timeline_{timeline}, transport_{transport}, case_{one}, number_{number}, chance_{base::Random::stream(seed, number)}, took_{took} {
    alarm_ = timeline_.call_at(begin, [this] { start(); });
  }
  void on_progress(harness::TransferId, const harness::TransferProgress&) override {}
  void on_outcome(harness::TransferId, harness::TransportOutcome&& outcome) override {
    ENSURE(outcome.failure.empty());
    const base::Instant began = timeline_.now() - outcome.took;
    if (began >= kBegin + kSettling && began < kBegin + kSettling + kMeasured) took_.push_back(base::to_seconds(outcome.took));
    alarm_ =
        timeline_.call_at(timeline_.now() + base::from_seconds(chance_.exponential(base::to_seconds(case_.pause))), [this] { start(); });
  }

 private:
  void start() {
    if (timeline_.now() >= kBegin + kSettling + kMeasured) return;
    transport_.start({.viewer = base::ViewerId{number_}, .url = fmt::format("http://host/{}", case_.bytes), .timeout = 1h}, *this);
  }
  base::Timeline& timeline_;
  harness::Transport& transport_;
  const SharedCase& case_;
  std::uint32_t number_;
  base::Random chance_;
  std::vector<double>& took_;
  base::Timer alarm_{};
};

template <class Run>
SharedTimes measure(base::VirtualTimeline& timeline, harness::Transport& transport, const SharedCase& one, std::uint64_t seed, Run run) {
  std::vector<double> took;
  std::vector<std::unique_ptr<Downloader>> viewers;
  base::Random chance{seed};
  for (int i = 0; i < one.viewers; ++i)
    viewers.push_back(std::make_unique<Downloader>(timeline, transport, one, static_cast<std::uint32_t>(i),
                                                   kBegin + base::from_seconds(chance.uniform(0, 2)), seed, took));
  run(kBegin + kSettling + kMeasured + 60s);
  ENSURE(!took.empty());
  std::sort(took.begin(), took.end());
  SharedTimes out{.count = static_cast<double>(took.size()), .median = took[took.size() / 2], .p95 = took[took.size() * 95 / 100]};
  for (const double each : took) out.mean += each / out.count;
  out.carried = out.count * static_cast<double>(one.bytes) / base::to_seconds(kMeasured);
  return out;
}

}  // namespace

SharedTimes packets_of(const SharedCase& one, std::uint64_t seed) {
  base::VirtualTimeline timeline;
  SizedAnswers server;
  netem::LinkModel bottleneck{one.bottleneck, kBegin, base::Random{seed}};
  harness::PacketTransport transport{timeline,
                                     server,
                                     [&](base::ViewerId) {
                                       return harness::ModelLink{one.link, kBegin};
                                     },
                                     {.seed = seed, .bottleneck = &bottleneck}};
  return measure(timeline, transport, one, seed, [&](base::Instant end) { timeline.run_until(end); });
}

SharedTimes fluid_of(const SharedCase& one, std::uint64_t seed) {
  base::VirtualTimeline timeline;
  SizedAnswers server;
  harness::Bottleneck bottleneck{one.bottleneck};
  harness::BottleneckShare share;
  harness::ModelTransport transport{timeline,
                                    server,
                                    [&](base::ViewerId) {
                                      return harness::ModelLink{one.link, kBegin, &share};
                                    },
                                    {.seed = seed}};
  const auto turn = [&] {
    const auto& viewers = transport.tell_bottlenecks();
    const harness::Toll toll = bottleneck.pass(harness::Bottleneck::kTurn, share.came_down);
    const bool changed = toll != share.down;
    if (changed)
      for (const base::ViewerId viewer : viewers) transport.come_up_to_now(viewer);
    share = {.down = toll};
    if (changed)
      for (const base::ViewerId viewer : viewers) transport.renew(viewer);
  };
  return measure(timeline, transport, one, seed, [&](base::Instant end) {
    while (timeline.now() < end) {
      timeline.run_until(timeline.now() + harness::Bottleneck::kTurn);
      turn();
    }
  });
}

// Twenty viewers at 20 Mbit/s of their own, so that 400 Mbit/s would be enough.
std::vector<SharedCase> shared_cases() {
  std::vector<SharedCase> out;
  for (const int mbps : {20, 60, 200})
    for (const int rtt : {20, 80})
      for (const auto& [word, queue] : {std::pair<const char*, netem::QueueLimit>{"50 ms", 50ms}, {"200 ms", 200ms}})
        for (const int kilobytes : {50, 500, 4000}) {
          SharedCase one{.name = fmt::format("{} Mbit/s, {}, round trip {} ms, {} kB", mbps, word, rtt, kilobytes),
                         .bottleneck = {.rate = base::Bitrate::bits_per_second(mbps * 1'000'000), .queue = queue},
                         .bytes = kilobytes * 1000,
                         .pause = kilobytes == 50 ? base::Duration{100ms} : base::Duration{500ms}};
          const base::Duration half = std::chrono::milliseconds{rtt / 2};
          one.link.down = {.rate = base::Bitrate::bits_per_second(20'000'000), .delay = half};
          one.link.up = {.rate = base::Bitrate::bits_per_second(10'000'000), .delay = half};
          out.push_back(one);
        }
  return out;
}

}  // namespace fidelity

// link_parity BACKEND: the same links on the backend that is named ("kernel" or "tun"), measured from their ends; one line "NAME VALUE" for
// each figure. tests/netem/link_parity_test.cc runs it twice, the kernel's backend inside user-mode-linux, and compares.
#include <fmt/format.h>

#include <cstring>

#include "base/steady_timeline.h"
#include "netem/links/link_lab.h"
#include "tests/netem/link_measure.h"

namespace {

using namespace netem;
using namespace base::literals;

class ParityLab {
 public:
  explicit ParityLab(BackendChoice backend) : lab_{{.backend = backend}} {}

  // Each link is that of a player of its own, so that no queue of an earlier one is left.
  MeasuredLink plug(const LinkSpec& link, base::Instant origin) {
    const base::ViewerId viewer{next_++};
    lab_.plug({.viewer = viewer, .link = link, .origin = origin, .seed = 5});
    const auto inside = [](NetworkNamespace& space) {
      return [&space](int type) { return Descriptor{space.run([type] { return socket(AF_INET, type | SOCK_CLOEXEC, 0); })}; };
    };
    return {.player_socket = inside(lab_.players(viewer)),
            .server_socket = inside(lab_.servers()),
            .player = 0x0A400000 + next_,
            .server = 0xC6120001};
  }

 private:
  LinkLab lab_;
  std::uint32_t next_ = 0;
};

void say(const std::string& name, double value) {
  fmt::print("{} {:.6f}\n", name, value);
  std::fflush(stdout);
}

void round_trip(ParityLab& lab) {
  const auto link = lab.plug({.down = {.delay = 20ms}, .up = {.delay = 10ms}}, base::steady_now());
  say("round-trip-ms", base::to_milliseconds(quantile_of(measure_round_trips(link, 15), 0.5)));
}

void losses(ParityLab& lab) {
  const auto single = lab.plug({.down = {.loss = RandomLoss{0.02}}}, base::steady_now());
  say("random-loss", count_datagrams(single, {.count = 10'000}).lost_share());
  const auto bursts = lab.plug({.down = {.loss = BurstLoss{.to_bad = 0.01, .to_good = 0.1}}}, base::steady_now());
  const DatagramCount seen = count_datagrams(bursts, {.count = 10'000});
  say("burst-loss", seen.lost_share());
  say("burst-count", static_cast<double>(seen.bursts.size()));
}

void rates(ParityLab& lab) {
  const LinkSpec five{.down = {.rate = 5_Mbps, .delay = 10ms}, .up = {.delay = 10ms}};
  const auto constant = lab.plug(five, base::steady_now());
  say("udp-mbit", measure_rate(constant, {.offered = 8_Mbps, .start = base::steady_now() + 500ms, .bins = 2})[1].kbps() / 1e3);
  say("tcp-goodput-mbit", measure_goodput(lab.plug(five, base::steady_now()), 4s, 1s).kbps() / 1e3);
}

void trace(ParityLab& lab) {
  const auto steps = std::make_shared<const Trace>(Trace{.steps = {{1s, 4_Mbps}, {1s, 8_Mbps}, {1s, 2_Mbps}}});
  const base::Instant origin = base::steady_now() + 500ms;
  const auto link = lab.plug({.down = {.rate = steps, .queue = 200ms}}, origin);
  const auto bins = measure_rate(link, {.offered = 12_Mbps, .start = origin, .bins = 3});
  for (std::size_t i = 0; i < bins.size(); ++i) say(fmt::format("trace-bin-{}-mbit", i), bins[i].kbps() / 1e3);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 104;
  try {
    ensure_network_privilege();
    ParityLab lab{std::strcmp(argv[1], "kernel") == 0 ? BackendChoice::kKernel : BackendChoice::kTun};
    round_trip(lab);
    losses(lab);
    rates(lab);
    trace(lab);
    return 0;
  } catch (const std::exception& failure) {
    fmt::print(stderr, "link_parity: {}\n", failure.what());
    return 107;
  }
}

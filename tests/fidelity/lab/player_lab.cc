#include "tests/fidelity/lab/player_lab.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <fstream>

#include "base/errors.h"
#include "base/steady_timeline.h"

namespace fidelity {
namespace {

using namespace std::chrono_literals;

constexpr base::ViewerId kPlayer{0};

netem::Ipv4 address_in(const std::string& text) {
  in_addr out{};
  inet_pton(AF_INET, text.c_str(), &out);
  return ntohl(out.s_addr);
}

// What one connection learned must not speed up the next one: each session is to depend on its link alone.
void forget_metrics() { std::ofstream{"/proc/sys/net/ipv4/tcp_no_metrics_save"} << 1; }

netem::Descriptor handle_of(pid_t process) {
  return netem::Descriptor{static_cast<int>(base::checked("watch a process", syscall(SYS_pidfd_open, process, 0)))};
}

}  // namespace

PlayerLab::PlayerLab(const Options& options)
    : options_{options}, lab_{netem::LinkLab::Options{.congestion_control = options.congestion_control}} {
  lab_.plug({.viewer = kPlayer, .link = options_.link.link, .origin = base::steady_now()});
  netem::NetworkNamespace& players = lab_.players(kPlayer);
  // A browser binds no source address: the namespace has to have one of its own.
  players.run([this] { netem::RouteSocket{"players"}.add_address("lo", {address_in(lab_.source_address(kPlayer)), 32}); });
  players.run(forget_metrics);
  lab_.servers().run(forget_metrics);
  server_.emplace(lab_.servers(), WebServer::Options{.address = netem::kServerAddress, .content = options_.content, .work = options_.work});
  watch_.emplace(players, address_in(netem::kServerAddress));
}

// Nothing comes down before the server has heard the SYN, half a round trip later: time enough to put the trace in its place.
void PlayerLab::start_trace(base::Instant at) {
  lab_.plug({.viewer = kPlayer, .link = options_.link.link, .origin = at});
  lab_.measure_from();
  trace_start_ = at;
  watch_.reset();
}

std::optional<int> PlayerLab::run(std::vector<std::string> command, int stop, base::Duration patience) {
  const std::string log = options_.work + "/command.log";
  base::Subprocess process{
      lab_.players(kPlayer).run([&] { return base::Subprocess{{.command = std::move(command), .output_file = log}}; })};
  const netem::Descriptor ended = handle_of(process.pid());
  const base::Instant deadline = base::steady_now() + patience;
  for (;;) {
    const auto left = std::max<std::int64_t>(0, (deadline - base::steady_now()) / 1ms);
    pollfd watched[] = {{ended.get(), POLLIN, 0}, {stop, POLLIN, 0}, {watch_ ? watch_->descriptor() : -1, POLLIN, 0}};
    const int ready = poll(watched, 3, static_cast<int>(std::min<std::int64_t>(left, 1'000'000)));
    if (watched[2].revents != 0)
      if (const auto at = watch_->next()) start_trace(*at);
    if (watched[0].revents != 0) return process.exit_status();
    if (watched[1].revents != 0 || (ready == 0 && base::steady_now() >= deadline)) break;
  }
  process.stop();
  return std::nullopt;
}

PlayerLab::Reading PlayerLab::read() { return {.trace_start = trace_start_, .link = lab_.read(kPlayer), .router = lab_.stats()}; }

}  // namespace fidelity

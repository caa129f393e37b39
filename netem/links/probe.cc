#include "netem/links/probe.h"

#include <fmt/format.h>

#include <exception>

#include "base/errors.h"
#include "netem/kernel/kernel_links.h"
#include "netem/topology/network_namespace.h"
#include "netem/topology/route_socket.h"
#include "netem/topology/tun_device.h"

namespace netem {
namespace {

using namespace std::chrono_literals;

constexpr const char* kKernelRemedy =
    "install a kernel that has them (Debian: linux-image-amd64) or load them: modprobe -a sch_netem sch_htb cls_u32 veth";

template <class Attempt>
Capability tried(const std::string& success, const std::string& remedy, Attempt attempt) {
  try {
    attempt();
    return {.available = true, .reason = success};
  } catch (const std::exception& failure) {
    return {.reason = failure.what() + (remedy.empty() ? "" : "; " + remedy)};
  }
}

constexpr Ipv4 kProbePlayer = 0x0A400001;

void try_kernel() {
  NetworkNamespace players{"probe-players"}, servers{"probe-servers"};
  players.run([&] {
    RouteSocket route{"probe-players"};
    route.add_veth("p0", "s0", servers.descriptor());
    route.set_up("p0");
  });
  servers.run([] { RouteSocket{"probe-servers"}.set_up("s0"); });
  KernelLinks links{{.players = &players, .servers = &servers, .players_device = "p0", .servers_device = "s0"}};
  links.plug({.address = kProbePlayer, .link = {.down = {.rate = base::Bitrate::bits_per_second(1'000'000), .delay = 10ms}}});
}

void try_tun() {
  NetworkNamespace space{"probe-tun"};
  space.run([] {
    const TunDevice device{{}};
    RouteSocket{"probe-tun"}.set_up(device.name());
  });
}

}  // namespace

std::vector<std::string> kernel_departures(const ImpairmentSpec& spec) { return departures_of(spec); }

const char* to_text(BackendChoice choice) {
  switch (choice) {
    case BackendChoice::kAuto:
      return "auto";
    case BackendChoice::kKernel:
      return "kernel";
    case BackendChoice::kTun:
      return "tun";
    case BackendChoice::kNone:
      return "none";
  }
  return "";
}

Probe probe_links() {
  const Privilege privilege = ensure_network_privilege();
  Probe probe{
      .namespaces = {privilege.granted, privilege.reason}, .in_user_namespace = privilege.in_user_namespace, .kernel = {}, .tun = {}};
  if (!privilege.granted) {
    probe.kernel.reason = probe.tun.reason = "needs a network namespace, which cannot be made (see there)";
    return probe;
  }
  probe.namespaces.reason =
      privilege.in_user_namespace ? "made in a user namespace of our own" : "made with the privileges of this process";
  probe.kernel = tried("netem, HTB and u32 filters work on a scratch veth pair", kKernelRemedy, try_kernel);
  probe.tun = tried("/dev/net/tun gives a device in a scratch namespace", "", try_tun);
  return probe;
}

BackendChoice choose_backend(BackendChoice choice, const Probe& probe) {
  const auto missing = [&](const char* what) -> base::RunFailed {
    const std::string namespaces = probe.namespaces.available ? "" : "\n  namespaces: " + probe.namespaces.reason;
    const std::string kernel = choice == BackendChoice::kTun ? "" : "\n  kernel: " + probe.kernel.reason;
    const std::string tun = choice == BackendChoice::kKernel ? "" : "\n  tun: " + probe.tun.reason;
    return base::RunFailed(
        fmt::format("links.backend: {}{}{}{}\n  or run without links: --set links.backend=none", what, namespaces, kernel, tun));
  };
  switch (choice) {
    case BackendChoice::kNone:
      return BackendChoice::kNone;
    case BackendChoice::kKernel:
      if (probe.kernel.available) return BackendChoice::kKernel;
      throw missing("the kernel's netem was asked for and is not to be had here");
    case BackendChoice::kTun:
      if (probe.tun.available) return BackendChoice::kTun;
      throw missing("the user-space router was asked for and is not to be had here");
    case BackendChoice::kAuto:
      if (probe.kernel.available) return BackendChoice::kKernel;
      if (probe.tun.available) return BackendChoice::kTun;
      throw missing("this machine has no way to impair links");
  }
  return BackendChoice::kNone;
}

}  // namespace netem

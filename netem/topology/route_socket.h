// RouteSocket: the few rtnetlink requests that a topology needs, through libnl-3 and libnl-route-3. It speaks to the namespace of the
// thread that opened it. Every failure is a base::RunFailed: "add route 10.64.0.0/16 via 10.0.0.2 in namespace players: reason".
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

struct nl_sock;

namespace netem {

struct Ipv4Prefix {
  std::uint32_t address = 0;  // host byte order
  int length = 32;
  friend bool operator==(const Ipv4Prefix&, const Ipv4Prefix&) = default;
};
std::string to_text(const Ipv4Prefix& prefix);  // "10.64.0.0/16"
std::string to_text_address(std::uint32_t address);

class RouteSocket {
 public:
  // Opens it in the calling thread's namespace, whose name is for messages.
  explicit RouteSocket(std::string namespace_name);
  ~RouteSocket();
  RouteSocket(const RouteSocket&) = delete;
  RouteSocket& operator=(const RouteSocket&) = delete;

  int index_of(const std::string& device);  // throws when there is none
  void set_up(const std::string& device);
  void set_mtu(const std::string& device, std::uint32_t mtu);
  // Segmentation offload capped, so that a qdisc sees packets and not trains of them: netem loses what it is given whole.
  void cap_segments(const std::string& device, std::uint32_t most_segments);
  void add_address(const std::string& device, const Ipv4Prefix& address);
  // A veth pair: `device` here, `peer` in the namespace of `peer_namespace` (a descriptor).
  void add_veth(const std::string& device, const std::string& peer, int peer_namespace);
  struct Route {
    Ipv4Prefix to{};
    std::string device{};
    std::optional<std::uint32_t> via{};  // next hop; absent: for devices without ARP
    std::string congestion_control{};    // of TCP connections along it: "cubic"; empty: the machine's default
  };
  void add_route(const Route& route);
  // AnyIP: every address of `to` is this namespace's own.
  void add_local_route(const Ipv4Prefix& to);

  nl_sock* handle() const;  // for netem/kernel

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace netem

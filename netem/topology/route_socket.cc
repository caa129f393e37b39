#include "netem/topology/route_socket.h"

#include <fmt/format.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netlink/netlink.h>
#include <netlink/route/addr.h>
#include <netlink/route/link.h>
#include <netlink/route/link/veth.h>
#include <netlink/route/nexthop.h>
#include <netlink/route/route.h>

#include "base/errors.h"
#include "netem/topology/netlink_handles.h"

namespace netem {
namespace {

// RTAX_CC_ALGO of linux/rtnetlink.h has no typed call in libnl 3.7, so that attribute is added to the finished message.
void append_congestion_control(nl_msg* message, const std::string& word) {
  nlattr* metrics = nla_nest_start(message, RTA_METRICS);
  nla_put_string(message, RTAX_CC_ALGO, word.c_str());
  nla_nest_end(message, metrics);
}

}  // namespace

std::string to_text_address(std::uint32_t address) {
  return fmt::format("{}.{}.{}.{}", address >> 24, (address >> 16) & 255, (address >> 8) & 255, address & 255);
}

std::string to_text(const Ipv4Prefix& prefix) { return fmt::format("{}/{}", to_text_address(prefix.address), prefix.length); }

class RouteSocket::Impl {
 public:
  explicit Impl(std::string space) : space_{std::move(space)} {
    socket_ = owned<NetlinkSocket>(nl_socket_alloc(), "open a netlink socket");
    check(nl_connect(socket_.get(), NETLINK_ROUTE), "connect to rtnetlink");
  }

  void check(int result, const std::string& attempt) const {
    if (result < 0) throw base::RunFailed(fmt::format("{} in namespace {}: {}", attempt, space_, nl_geterror(result)));
  }

  NetlinkLink link(const std::string& device) const {
    rtnl_link* found = nullptr;
    check(rtnl_link_get_kernel(handle(), 0, device.c_str(), &found), "find device " + device);
    return NetlinkLink{found};
  }

  template <class Change>
  void change(const std::string& device, const std::string& attempt, Change set) {
    const NetlinkLink current = link(device);
    const NetlinkLink wanted = owned<NetlinkLink>(rtnl_link_alloc(), attempt);
    set(wanted.get());
    check(rtnl_link_change(handle(), current.get(), wanted.get(), 0), attempt + " of device " + device);
  }

  NetlinkAddress address(const Ipv4Prefix& prefix) const {
    const std::uint32_t wire = htonl(prefix.address);
    NetlinkAddress out = owned<NetlinkAddress>(nl_addr_build(AF_INET, &wire, sizeof wire), "build an address");
    nl_addr_set_prefixlen(out.get(), prefix.length);
    return out;
  }

  NetlinkRoute route(const Ipv4Prefix& to, const std::string& device, std::optional<std::uint32_t> via) {
    NetlinkRoute out = owned<NetlinkRoute>(rtnl_route_alloc(), "build a route");
    rtnl_route_set_dst(out.get(), address(to).get());
    NetlinkNextHop hop = owned<NetlinkNextHop>(rtnl_route_nh_alloc(), "build a route");
    rtnl_route_nh_set_ifindex(hop.get(), rtnl_link_get_ifindex(link(device).get()));
    if (via) rtnl_route_nh_set_gateway(hop.get(), address({*via, 32}).get());
    rtnl_route_add_nexthop(out.get(), hop.release());  // the route owns it
    rtnl_route_set_scope(out.get(), via ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK);
    return out;
  }

  void add(const NetlinkRoute& route, const std::string& congestion_control, const std::string& attempt) {
    nl_msg* raw = nullptr;
    check(rtnl_route_build_add_request(route.get(), NLM_F_CREATE | NLM_F_EXCL, &raw), attempt);
    const NetlinkMessage message{raw};
    if (!congestion_control.empty()) append_congestion_control(raw, congestion_control);
    check(nl_send_auto_complete(handle(), raw), attempt);
    check(nl_wait_for_ack(handle()), attempt);
  }

  nl_sock* handle() const { return socket_.get(); }

 private:
  std::string space_;
  NetlinkSocket socket_;
};

RouteSocket::RouteSocket(std::string namespace_name) : impl_{std::make_unique<Impl>(std::move(namespace_name))} {}
RouteSocket::~RouteSocket() = default;
nl_sock* RouteSocket::handle() const { return impl_->handle(); }

int RouteSocket::index_of(const std::string& device) { return rtnl_link_get_ifindex(impl_->link(device).get()); }

void RouteSocket::set_up(const std::string& device) {
  impl_->change(device, "bring up", [](rtnl_link* link) { rtnl_link_set_flags(link, IFF_UP); });
}

void RouteSocket::set_mtu(const std::string& device, std::uint32_t mtu) {
  impl_->change(device, "set the MTU", [mtu](rtnl_link* link) { rtnl_link_set_mtu(link, mtu); });
}

void RouteSocket::add_address(const std::string& device, const Ipv4Prefix& prefix) {
  const NetlinkAddressEntry entry = owned<NetlinkAddressEntry>(rtnl_addr_alloc(), "build an address");
  rtnl_addr_set_ifindex(entry.get(), index_of(device));
  rtnl_addr_set_local(entry.get(), impl_->address(prefix).get());
  impl_->check(rtnl_addr_add(handle(), entry.get(), NLM_F_EXCL), fmt::format("add address {} to device {}", to_text(prefix), device));
}

void RouteSocket::add_veth(const std::string& device, const std::string& peer, int peer_namespace) {
  const NetlinkLink pair = owned<NetlinkLink>(rtnl_link_veth_alloc(), "build a veth pair");
  rtnl_link_set_name(pair.get(), device.c_str());
  rtnl_link* far_end = rtnl_link_veth_get_peer(pair.get());  // a reference of its own
  rtnl_link_set_name(far_end, peer.c_str());
  rtnl_link_set_ns_fd(far_end, peer_namespace);
  const int result = rtnl_link_add(handle(), pair.get(), NLM_F_CREATE | NLM_F_EXCL);
  rtnl_link_put(far_end);
  impl_->check(result, fmt::format("make veth pair {} and {}", device, peer));
}

void RouteSocket::add_route(const Route& route) {
  const std::string attempt =
      fmt::format("add route {} via {}{}{}", to_text(route.to), route.via ? to_text_address(*route.via) + " on " : "", route.device,
                  route.congestion_control.empty() ? "" : " with " + route.congestion_control);
  impl_->add(impl_->route(route.to, route.device, route.via), route.congestion_control, attempt);
}

void RouteSocket::add_local_route(const Ipv4Prefix& to) {
  const NetlinkRoute route = impl_->route(to, "lo", std::nullopt);
  rtnl_route_set_type(route.get(), RTN_LOCAL);
  rtnl_route_set_table(route.get(), RT_TABLE_LOCAL);
  rtnl_route_set_scope(route.get(), RT_SCOPE_HOST);
  impl_->add(route, "", fmt::format("make {} addresses of the namespace", to_text(to)));
}

void RouteSocket::cap_segments(const std::string& device, std::uint32_t most_segments) {
  // No typed call in libnl 3.7: IFLA_GSO_MAX_SEGS of linux/if_link.h by hand.
  const std::string attempt = "cap the segmentation offload of device " + device;
  const NetlinkMessage message = owned<NetlinkMessage>(nlmsg_alloc_simple(RTM_NEWLINK, 0), attempt);
  ifinfomsg about{};
  about.ifi_family = AF_UNSPEC;
  about.ifi_index = index_of(device);
  impl_->check(nlmsg_append(message.get(), &about, sizeof about, NLMSG_ALIGNTO), attempt);
  impl_->check(nla_put_u32(message.get(), IFLA_GSO_MAX_SEGS, most_segments), attempt);
  impl_->check(nl_send_auto_complete(handle(), message.get()), attempt);
  impl_->check(nl_wait_for_ack(handle()), attempt);
}

}  // namespace netem

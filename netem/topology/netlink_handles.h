// Owners of libnl's C handles.
#pragma once

#include <netlink/addr.h>
#include <netlink/msg.h>
#include <netlink/route/addr.h>
#include <netlink/route/link.h>
#include <netlink/route/nexthop.h>
#include <netlink/route/route.h>
#include <netlink/socket.h>

#include <memory>
#include <string>

#include "base/errors.h"
#include "base/releaser.h"

namespace netem {

using NetlinkSocket = std::unique_ptr<nl_sock, base::Releaser<nl_socket_free>>;
using NetlinkMessage = std::unique_ptr<nl_msg, base::Releaser<nlmsg_free>>;
using NetlinkLink = std::unique_ptr<rtnl_link, base::Releaser<rtnl_link_put>>;
using NetlinkAddress = std::unique_ptr<nl_addr, base::Releaser<nl_addr_put>>;
using NetlinkAddressEntry = std::unique_ptr<rtnl_addr, base::Releaser<rtnl_addr_put>>;
using NetlinkNextHop = std::unique_ptr<rtnl_nexthop, base::Releaser<rtnl_route_nh_free>>;
using NetlinkRoute = std::unique_ptr<rtnl_route, base::Releaser<rtnl_route_put>>;

template <class Owner>
Owner owned(typename Owner::pointer handle, const std::string& attempt) {
  if (handle == nullptr) throw base::RunFailed(attempt + ": libnl is out of memory");
  return Owner{handle};
}

}  // namespace netem

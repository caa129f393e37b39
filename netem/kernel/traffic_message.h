// TrafficMessage: one rtnetlink request to the kernel's traffic control (struct tcmsg and attributes), put together attribute by
// attribute. Pure: nothing is sent. libnl's typed calls lack half of what is needed here: 64-bit rates and times, Gilbert-Elliott
// loss, size tables, deletion of a single hashed filter.
#pragma once

#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>

#include <cstdint>
#include <span>
#include <vector>

#include "netem/topology/netlink_handles.h"

namespace netem {

// Of the 32-bit rates and probabilities; what is larger goes into an attribute of its own.
inline constexpr std::uint32_t kMost32Bits = 0xFFFF'FFFF;

// Where a qdisc, class or filter is. `handle` is its own, of the form major:minor.
struct TrafficPlace {
  int device = 0;  // interface index
  std::uint32_t parent = TC_H_ROOT;
  std::uint32_t handle = 0;
};

class TrafficMessage {
 public:
  // `type`: RTM_NEWQDISC, RTM_DELTCLASS, …; `flags`: of the netlink header, beside NLM_F_REQUEST. `info`: of a filter, its priority
  // in the high half and its protocol in the low one.
  TrafficMessage(int type, int flags, const TrafficPlace& place, std::uint32_t info = 0);

  TrafficMessage& put(int attribute, const char* text);
  TrafficMessage& put_bytes(int attribute, const void* bytes, std::size_t size);
  template <class Value>
  TrafficMessage& put(int attribute, const Value& value) {
    return put_bytes(attribute, &value, sizeof value);
  }
  // Attributes put from here on are inside `attribute`, until leave().
  TrafficMessage& enter(int attribute);
  TrafficMessage& leave();
  // Bytes that stand in an attribute before those nested in it (netem's options begin with a struct).
  TrafficMessage& append(const void* bytes, std::size_t size);

  nl_msg* get() const { return message_.get(); }
  // Netlink header included; sequence number and port are still zero.
  std::span<const std::uint8_t> bytes() const;

 private:
  NetlinkMessage message_;
  std::vector<nlattr*> open_;
};

}  // namespace netem

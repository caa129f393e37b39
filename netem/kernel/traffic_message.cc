#include "netem/kernel/traffic_message.h"

#include "base/ensure.h"

namespace netem {
namespace {

// netem's delay table takes 8 KiB, more than libnl's default of one page.
constexpr std::size_t kLargest = 16'384;

NetlinkMessage empty_message(int type, int flags) {
  NetlinkMessage message = owned<NetlinkMessage>(nlmsg_alloc_size(kLargest), "build a traffic control request");
  ENSURE(nlmsg_put(message.get(), 0, 0, type, 0, NLM_F_REQUEST | flags) != nullptr);
  return message;
}

}  // namespace

TrafficMessage::TrafficMessage(int type, int flags, const TrafficPlace& place, std::uint32_t info) : message_{empty_message(type, flags)} {
  tcmsg about{};
  about.tcm_family = AF_UNSPEC;
  about.tcm_ifindex = place.device;
  about.tcm_parent = place.parent;
  about.tcm_handle = place.handle;
  about.tcm_info = info;
  append(&about, sizeof about);
}

TrafficMessage& TrafficMessage::put(int attribute, const char* text) {
  ENSURE(nla_put_string(get(), attribute, text) == 0);
  return *this;
}

TrafficMessage& TrafficMessage::put_bytes(int attribute, const void* bytes, std::size_t size) {
  ENSURE(nla_put(get(), attribute, static_cast<int>(size), bytes) == 0);
  return *this;
}

TrafficMessage& TrafficMessage::append(const void* bytes, std::size_t size) {
  ENSURE(nlmsg_append(get(), const_cast<void*>(bytes), size, NLMSG_ALIGNTO) == 0);
  return *this;
}

// Not nla_nest_start, which marks the attribute as nested (NLA_F_NESTED) in some versions of libnl and not in others.
TrafficMessage& TrafficMessage::enter(int attribute) {
  open_.push_back(nla_reserve(get(), attribute, 0));
  ENSURE(open_.back() != nullptr);
  return *this;
}

TrafficMessage& TrafficMessage::leave() {
  ENSURE(!open_.empty());
  const auto* begin = reinterpret_cast<const std::uint8_t*>(open_.back());
  open_.back()->nla_len = static_cast<std::uint16_t>(static_cast<const std::uint8_t*>(nlmsg_tail(nlmsg_hdr(get()))) - begin);
  open_.pop_back();
  return *this;
}

std::span<const std::uint8_t> TrafficMessage::bytes() const {
  const nlmsghdr* header = nlmsg_hdr(get());
  return {reinterpret_cast<const std::uint8_t*>(header), header->nlmsg_len};
}

}  // namespace netem

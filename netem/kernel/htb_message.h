// The requests that make the tree around the netem qdiscs: an HTB root, its classes, and u32 filters that find a player's class by
// the low 16 bits of the address through two levels of hash tables of 256 buckets. Pure. As of linux/pkt_sched.h and pkt_cls.h.
//
//   1:        HTB; ARP and whatever is not IPv4 passes unshaped
//   1:2       class of packets that belong to no player; a blackhole qdisc drops and counts them
//   1:3, …    classes of the bottlenecks, parents of their players' classes
//   1:N       class of a player, leaf N: is its netem
#pragma once

#include <cstdint>
#include <optional>

#include "netem/kernel/traffic_message.h"
#include "netem/model/backend.h"

namespace netem {

inline constexpr std::uint32_t kHtbRoot = 0x0001'0000;
inline constexpr std::uint16_t kStrangers = 2;
constexpr std::uint32_t class_id(std::uint16_t minor) { return kHtbRoot | minor; }
constexpr std::uint32_t leaf_handle(std::uint16_t minor) { return static_cast<std::uint32_t>(minor) << 16; }

// A size table takes the 14 bytes of the Ethernet header off every packet's length, so that all rates and counters below the root
// are of IP packets.
TrafficMessage htb_root_request(int device);
TrafficMessage htb_root_removal(int device);

struct HtbClass {
  std::uint16_t minor = 0;
  std::optional<std::uint16_t> parent{};  // minor of a bottleneck
  std::optional<base::Bitrate> rate{};    // nothing: far above every machine's; at least 8 kbit/s
};
enum class HtbVerb { kMake, kChange };
// A class without a parent has its rate to itself. One with a parent is guaranteed nothing and borrows, up to its rate and in turn
// with the others.
TrafficMessage htb_class_request(HtbVerb verb, int device, const HtbClass& wanted);
TrafficMessage htb_class_removal(int device, std::uint16_t minor);

TrafficMessage blackhole_request(int device, std::uint16_t minor);

// Which address of the IPv4 header is the player's.
enum class AddressField { kSource, kDestination };
// The first table, and what leads every packet into it.
TrafficMessage first_table_request(int device);
TrafficMessage first_table_link(int device, AddressField field);
// The second-level table for all addresses with the third byte of `address`, and what leads there from the first.
TrafficMessage second_table_request(int device, Ipv4 address);
TrafficMessage second_table_link(int device, AddressField field, Ipv4 address);
// From a second-level table to the player's class: all 32 bits of the address have to match.
TrafficMessage player_filter_request(int device, AddressField field, Ipv4 address, std::uint16_t minor);
TrafficMessage player_filter_removal(int device, Ipv4 address);
// What matches none of them.
TrafficMessage strangers_filter_request(int device);

}  // namespace netem

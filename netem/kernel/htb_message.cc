#include "netem/kernel/htb_message.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace netem {
namespace {

constexpr int kMake = NLM_F_CREATE | NLM_F_EXCL;

// Rates in bytes per second.
constexpr std::uint64_t kNoLimit = 125'000'000'000;  // 1 Tbit/s
constexpr std::uint64_t kGuaranteed = 8;             // next to nothing; HTB refuses zero
// HTB lets a class send one packet more than it has tokens for and then sleep for as long as that packet takes, whatever its rate has
// become by then: at this rate 1.5 s for 1500 bytes.
constexpr std::uint64_t kSlowest = 1'000;

// What may be sent at once after a pause: two full packets, or what a timer that is this late would otherwise cost. (On a busy machine
// 5 ms lost 8 % of 20 Mbit/s, 10 ms nothing.)
constexpr std::uint64_t kSmallestBurst = 3'000;        // bytes
constexpr std::uint64_t kLateness = 10;                // milliseconds
constexpr std::uint64_t kTicksPerSecond = 15'625'000;  // of 64 ns (/proc/net/psched)
constexpr std::uint32_t kQuantum = 1'500;              // bytes that a class sends in its turn

std::uint32_t burst_ticks(std::uint64_t rate) {
  const std::uint64_t bytes = std::max(kSmallestBurst, rate * kLateness / 1000);
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(bytes * kTicksPerSecond / rate + 1, kMost32Bits));
}

tc_ratespec rate_spec(std::uint64_t rate) {
  tc_ratespec out{};
  out.linklayer = TC_LINKLAYER_ETHERNET;  // unaware (0) would demand a rate table, which nothing reads any more
  out.rate = static_cast<std::uint32_t>(std::min<std::uint64_t>(rate, kMost32Bits));
  return out;
}

// Priority 1 holds the players' filters, 2 the one for what they do not match.
std::uint32_t filter_info(std::uint32_t priority) { return priority << 16 | htons(ETH_P_IP); }
TrafficPlace filter_place(int device, std::uint32_t handle) { return {.device = device, .parent = kHtbRoot, .handle = handle}; }

// u32 handles: table (12 bits), bucket (8), node (12).
constexpr std::uint32_t kFirstTable = 0x001u << 20;
constexpr std::uint32_t kBuckets = 256;
std::uint32_t second_table(Ipv4 address) { return (0x100u + (address >> 8 & 255)) << 20; }
std::uint32_t first_bucket(Ipv4 address) { return kFirstTable | (address >> 8 & 255) << 12; }
std::uint32_t second_bucket(Ipv4 address) { return second_table(address) | (address & 255) << 12; }
constexpr std::uint32_t kNode = 1;  // the only one of its bucket

// Of the addresses in the IPv4 header (RFC 791, section 3.1), from its start.
std::int16_t offset_of(AddressField field) { return field == AddressField::kSource ? 12 : 16; }

// struct tc_u32_sel ends in a flexible array of keys; here it has one.
void put_selector(TrafficMessage& message, const tc_u32_sel& head, const tc_u32_key& key) {
  std::array<std::uint8_t, sizeof head + sizeof key> bytes{};
  std::memcpy(bytes.data(), &head, sizeof head);
  std::memcpy(bytes.data() + sizeof head, &key, sizeof key);
  message.put(TCA_U32_SEL, bytes);
}

// Matches the bits of `mask`.
void put_match(TrafficMessage& message, AddressField field, std::uint32_t mask, Ipv4 address) {
  tc_u32_sel head{};
  head.flags = TC_U32_TERMINAL;
  head.nkeys = 1;
  put_selector(message, head, {.mask = htonl(mask), .val = htonl(address & mask), .off = offset_of(field), .offmask = 0});
}

// Matches everything and picks the bucket of the next table by the bits of `mask`.
void put_hash(TrafficMessage& message, AddressField field, std::uint32_t mask) {
  tc_u32_sel head{};
  head.nkeys = 1;
  head.hmask = htonl(mask);
  head.hoff = offset_of(field);
  put_selector(message, head, {.mask = 0, .val = 0, .off = offset_of(field), .offmask = 0});
}

TrafficMessage table_request(int device, std::uint32_t table) {
  TrafficMessage message{RTM_NEWTFILTER, kMake, filter_place(device, table), filter_info(1)};
  message.put(TCA_KIND, "u32").enter(TCA_OPTIONS).put(TCA_U32_DIVISOR, kBuckets).leave();
  return message;
}

}  // namespace

TrafficMessage htb_root_request(int device) {
  TrafficMessage message{RTM_NEWQDISC, kMake, {.device = device, .parent = TC_H_ROOT, .handle = kHtbRoot}};
  message.put(TCA_KIND, "htb");
  message.enter(TCA_OPTIONS).put(TCA_HTB_INIT, tc_htb_glob{.version = TC_HTB_PROTOVER, .rate2quantum = 10}).leave();
  tc_sizespec size{};
  size.overhead = -ETH_HLEN;
  message.enter(TCA_STAB).put(TCA_STAB_BASE, size).leave();
  return message;
}

TrafficMessage htb_root_removal(int device) { return {RTM_DELQDISC, 0, {.device = device, .parent = TC_H_ROOT}}; }

TrafficMessage htb_class_request(HtbVerb verb, int device, const HtbClass& wanted) {
  const std::uint64_t ceiling =
      wanted.rate ? std::max(static_cast<std::uint64_t>(std::max<std::int64_t>(wanted.rate->bps(), 0)) / 8, kSlowest) : kNoLimit;
  const std::uint64_t guaranteed = wanted.parent ? kGuaranteed : ceiling;
  tc_htb_opt options{};
  options.rate = rate_spec(guaranteed);
  options.ceil = rate_spec(ceiling);
  options.buffer = wanted.parent ? 1 : burst_ticks(guaranteed);
  options.cbuffer = burst_ticks(ceiling);
  options.quantum = kQuantum;
  const std::uint32_t parent = wanted.parent ? class_id(*wanted.parent) : kHtbRoot;
  TrafficMessage message{
      RTM_NEWTCLASS, verb == HtbVerb::kMake ? kMake : 0, {.device = device, .parent = parent, .handle = class_id(wanted.minor)}};
  message.put(TCA_KIND, "htb").enter(TCA_OPTIONS).put(TCA_HTB_PARMS, options);
  if (guaranteed > kMost32Bits) message.put(TCA_HTB_RATE64, guaranteed);
  if (ceiling > kMost32Bits) message.put(TCA_HTB_CEIL64, ceiling);
  message.leave();
  return message;
}

TrafficMessage htb_class_removal(int device, std::uint16_t minor) {
  return {RTM_DELTCLASS, 0, {.device = device, .parent = 0, .handle = class_id(minor)}};
}

TrafficMessage blackhole_request(int device, std::uint16_t minor) {
  TrafficMessage message{RTM_NEWQDISC, kMake, {.device = device, .parent = class_id(minor), .handle = leaf_handle(minor)}};
  message.put(TCA_KIND, "blackhole");
  return message;
}

TrafficMessage first_table_request(int device) { return table_request(device, kFirstTable); }

TrafficMessage first_table_link(int device, AddressField field) {
  TrafficMessage message{RTM_NEWTFILTER, kMake, filter_place(device, 0), filter_info(1)};
  message.put(TCA_KIND, "u32").enter(TCA_OPTIONS);
  put_hash(message.put(TCA_U32_LINK, kFirstTable), field, 0x0000ff00);
  message.leave();
  return message;
}

TrafficMessage second_table_request(int device, Ipv4 address) { return table_request(device, second_table(address)); }

TrafficMessage second_table_link(int device, AddressField field, Ipv4 address) {
  TrafficMessage message{RTM_NEWTFILTER, kMake, filter_place(device, first_bucket(address) | kNode), filter_info(1)};
  message.put(TCA_KIND, "u32").enter(TCA_OPTIONS).put(TCA_U32_HASH, first_bucket(address));
  put_hash(message.put(TCA_U32_LINK, second_table(address)), field, 0x000000ff);
  message.leave();
  return message;
}

TrafficMessage player_filter_request(int device, AddressField field, Ipv4 address, std::uint16_t minor) {
  TrafficMessage message{RTM_NEWTFILTER, kMake, filter_place(device, second_bucket(address) | kNode), filter_info(1)};
  message.put(TCA_KIND, "u32").enter(TCA_OPTIONS).put(TCA_U32_HASH, second_bucket(address));
  put_match(message.put(TCA_U32_CLASSID, class_id(minor)), field, kMost32Bits, address);
  message.leave();
  return message;
}

TrafficMessage player_filter_removal(int device, Ipv4 address) {
  TrafficMessage message{RTM_DELTFILTER, 0, filter_place(device, second_bucket(address) | kNode), filter_info(1)};
  message.put(TCA_KIND, "u32");
  return message;
}

TrafficMessage strangers_filter_request(int device) {
  TrafficMessage message{RTM_NEWTFILTER, kMake, filter_place(device, 0), filter_info(2)};
  message.put(TCA_KIND, "u32").enter(TCA_OPTIONS);
  put_match(message.put(TCA_U32_CLASSID, class_id(kStrangers)), AddressField::kSource, 0, 0);
  message.leave();
  return message;
}

}  // namespace netem

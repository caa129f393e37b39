#include "netem/kernel/device_tree.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "base/ensure.h"
#include "base/errors.h"

namespace netem {
namespace {

constexpr std::uint32_t kFirstBottleneck = kStrangers + 1;
constexpr std::uint32_t kLastMinor = 0xFFFE;
constexpr std::uint16_t kWakingProtocol = 0x88B5;  // IEEE 802, local experimental: nobody listens

std::uint16_t minor_of_bottleneck(std::size_t index) { return static_cast<std::uint16_t>(kFirstBottleneck + index); }

Descriptor open_waker(NetworkNamespace& space) {
  Descriptor out{space.run([] { return socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0); })};
  if (out.get() < 0) throw base::RunFailed(fmt::format("open a packet socket in namespace {}: {}", space.name(), std::strerror(errno)));
  return out;
}

}  // namespace

DeviceTree::DeviceTree(const Options& options)
    : options_{options},
      socket_{*options.space},
      device_{socket_.route().index_of(options.device)},
      waker_{open_waker(*options.space)},
      next_minor_{kFirstBottleneck + static_cast<std::uint32_t>(options.bottlenecks.size())} {
  socket_.route().cap_segments(options_.device, 1);
  make_root();
}

DeviceTree::~DeviceTree() {
  try {
    socket_.send(htb_root_removal(device_), "remove the queueing tree");
  } catch (const base::RunFailed&) {
    // The device has gone before.
  }
}

void DeviceTree::make_root() {
  const std::string what = "make the queueing tree of device " + options_.device;
  socket_.send(htb_root_request(device_), what);
  socket_.send(htb_class_request(HtbVerb::kMake, device_, {.minor = kStrangers}), what);
  socket_.send(blackhole_request(device_, kStrangers), what);
  for (std::size_t i = 0; i < options_.bottlenecks.size(); ++i)
    socket_.send(htb_class_request(HtbVerb::kMake, device_, {.minor = minor_of_bottleneck(i), .rate = options_.bottlenecks[i]}), what);
  socket_.send(first_table_request(device_), what);
  socket_.send(first_table_link(device_, options_.field), what);
  socket_.send(strangers_filter_request(device_), what);
}

std::uint16_t DeviceTree::free_minor() {
  if (!returned_.empty()) {
    const std::uint16_t minor = returned_.back();
    returned_.pop_back();
    return minor;
  }
  if (next_minor_ > kLastMinor) throw base::RunFailed("plug a player: all 65,000 classes of device " + options_.device + " are taken");
  return static_cast<std::uint16_t>(next_minor_++);
}

HtbClass DeviceTree::class_of(const Player& player) const {
  HtbClass out{.minor = player.minor, .rate = player.shaping.class_rate};
  if (player.bottleneck) out.parent = minor_of_bottleneck(*player.bottleneck);
  return out;
}

TrafficPlace DeviceTree::leaf_of(const Player& player) const {
  return {.device = device_, .parent = class_id(player.minor), .handle = leaf_handle(player.minor)};
}

std::string DeviceTree::attempt(const std::string& what, Ipv4 address) const {
  return fmt::format("{} of {} on device {}", what, to_text_address(address), options_.device);
}

void DeviceTree::add(Ipv4 address, const Shaping& shaping, std::optional<std::size_t> bottleneck) {
  ENSURE(!players_.contains(address));
  ENSURE(!bottleneck || *bottleneck < options_.bottlenecks.size());
  const Player player{.minor = free_minor(), .bottleneck = bottleneck, .shaping = shaping};
  try {
    make_player(address, player);
  } catch (...) {
    discard(address, player);
    throw;
  }
  players_.emplace(address, player);
}

void DeviceTree::make_player(Ipv4 address, const Player& player) {
  socket_.send(htb_class_request(HtbVerb::kMake, device_, class_of(player)), attempt("make the class", address));
  socket_.send(netem_request(NetemVerb::kMake, leaf_of(player), player.shaping.netem), attempt("make the netem qdisc", address));
  make_table(address);
  socket_.send(player_filter_request(device_, options_.field, address, player.minor), attempt("make the filter", address));
}

void DeviceTree::make_table(Ipv4 address) {
  if (tables_.contains(address >> 8)) return;
  socket_.send(second_table_request(device_, address), attempt("make the filter table", address));
  socket_.send(second_table_link(device_, options_.field, address), attempt("link the filter table", address));
  tables_.insert(address >> 8);
}

void DeviceTree::change(Ipv4 address, const Shaping& shaping) {
  Player& player = players_.at(address);
  const Shaping before = player.shaping;
  if (shaping == before) return;
  player.shaping = shaping;
  if (shaping.class_rate != before.class_rate)
    socket_.send(htb_class_request(HtbVerb::kChange, device_, class_of(player)), attempt("change the class", address));
  if (shaping.netem == before.netem) return;
  socket_.send(netem_request(NetemVerb::kChange, leaf_of(player), shaping.netem), attempt("change the netem qdisc", address));
  if (before.netem.held && !shaping.netem.held) wake();
}

// A qdisc looks at its packets when one comes or its timer fires, and that of a netem that held its packets is set far ahead. So a
// packet comes: one that the root lets pass and that no receiver wants.
void DeviceTree::wake() {
  sockaddr_ll to{};
  to.sll_family = AF_PACKET;
  to.sll_ifindex = device_;
  to.sll_protocol = htons(kWakingProtocol);
  to.sll_halen = ETH_ALEN;
  const char nothing = 0;
  if (sendto(waker_.get(), &nothing, 1, 0, reinterpret_cast<const sockaddr*>(&to), sizeof to) < 0)
    throw base::RunFailed(fmt::format("wake device {}: {}", options_.device, std::strerror(errno)));
}

void DeviceTree::remove(Ipv4 address) {
  const Player player = players_.at(address);
  players_.erase(address);
  discard(address, player);
}

// The class takes its leaf and what waits there with it. Fails only for what is not there: a half-made player, a device that has gone.
void DeviceTree::discard(Ipv4 address, const Player& player) noexcept {
  for (const TrafficMessage& removal : {player_filter_removal(device_, address), htb_class_removal(device_, player.minor)}) {
    try {
      socket_.send(removal, attempt("remove the class", address));
    } catch (const std::exception&) {
      continue;
    }
  }
  returned_.push_back(player.minor);
}

QueueStatistics DeviceTree::statistics(Ipv4 address) {
  return socket_.statistics(leaf_of(players_.at(address)), attempt("read the counters", address));
}

void DeviceTree::set_bottleneck(std::size_t index, std::optional<base::Bitrate> rate) {
  ENSURE(index < options_.bottlenecks.size());
  if (options_.bottlenecks[index] == rate) return;
  options_.bottlenecks[index] = rate;
  socket_.send(htb_class_request(HtbVerb::kChange, device_, {.minor = minor_of_bottleneck(index), .rate = rate}),
               "change a bottleneck's class on device " + options_.device);
}

DeviceTree::Totals DeviceTree::totals() {
  const std::string what = "read the counters of device " + options_.device;
  const QueueStatistics root = socket_.statistics({.device = device_, .parent = TC_H_ROOT, .handle = kHtbRoot}, what);
  const QueueStatistics strangers =
      socket_.statistics({.device = device_, .parent = class_id(kStrangers), .handle = leaf_handle(kStrangers)}, what);
  return {.packets = root.packets + root.dropped + root.waiting, .bytes = root.bytes + root.waiting_bytes, .strangers = strangers.dropped};
}

}  // namespace netem

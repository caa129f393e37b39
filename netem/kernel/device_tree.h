// DeviceTree: the queueing tree on the sending side of one device (htb_message.h draws it), gone with this object. Remembers what each
// part is set to and sends only what changes. Not thread-safe.
#pragma once

#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "netem/kernel/htb_message.h"
#include "netem/kernel/traffic_socket.h"
#include "netem/topology/descriptor.h"

namespace netem {

class DeviceTree {
 public:
  struct Options {
    NetworkNamespace* space = nullptr;  // outlives this object
    std::string device{};
    AddressField field = AddressField::kSource;
    std::vector<std::optional<base::Bitrate>> bottlenecks{};  // their rates at first
  };
  // Makes root and bottlenecks. Throws base::RunFailed.
  explicit DeviceTree(const Options& options);
  ~DeviceTree();
  DeviceTree(const DeviceTree&) = delete;
  DeviceTree& operator=(const DeviceTree&) = delete;

  // Class, leaf and filter. Leaves nothing behind when it throws. Requires: the address has none.
  void add(Ipv4 address, const Shaping& shaping, std::optional<std::size_t> bottleneck);
  // Requires, here and below: the address has been added.
  void change(Ipv4 address, const Shaping& shaping);
  void remove(Ipv4 address);
  QueueStatistics statistics(Ipv4 address);
  void set_bottleneck(std::size_t index, std::optional<base::Bitrate> rate);

  struct Totals {
    std::uint64_t packets = 0, bytes = 0;  // that came by
    std::uint64_t strangers = 0;           // without a player: dropped
  };
  Totals totals();

 private:
  struct Player {
    std::uint16_t minor = 0;
    std::optional<std::size_t> bottleneck{};
    Shaping shaping{};
  };

  std::uint16_t free_minor();
  void make_root();
  void make_player(Ipv4 address, const Player& player);
  void make_table(Ipv4 address);
  HtbClass class_of(const Player& player) const;
  TrafficPlace leaf_of(const Player& player) const;
  void discard(Ipv4 address, const Player& player) noexcept;
  void wake();
  std::string attempt(const std::string& what, Ipv4 address) const;

  Options options_;
  TrafficSocket socket_;
  int device_;
  Descriptor waker_;
  std::unordered_map<Ipv4, Player> players_;
  std::vector<std::uint16_t> returned_;  // minors
  std::uint32_t next_minor_;
  std::unordered_set<Ipv4> tables_;  // addresses divided by 256
};

}  // namespace netem

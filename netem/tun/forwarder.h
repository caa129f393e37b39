// Forwarder: the router without its thread. Takes frames from one side, has the links judge them, and gives them to the other side
// when they are due. One thread; never waits.
//
//   servers ──▶ bottleneck ──▶ player's lane down ──▶ players        players ──▶ player's lane up ──▶ bottleneck ──▶ servers
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "netem/tun/frame_pool.h"
#include "netem/tun/player.h"
#include "netem/tun/port.h"
#include "netem/tun/schedule.h"
#include "netem/tun/train.h"
#include "netem/tun/tun_router.h"

namespace netem {

class Forwarder {
 public:
  explicit Forwarder(const TunRouter::Options& options);

  void plug(const PlayerLink& link);
  LinkReading unplug(Ipv4 address);
  LinkReading read(Ipv4 address) const;
  BackendStats stats() const;
  void measure_from() { stats_.lateness = {}; }

  // Reads what waits at a side, a bounded number of frames; how many.
  std::size_t take_from(Port& port);
  // Sends what is due, a bounded number of frames; how many.
  std::size_t send_due();
  std::optional<base::Instant> next_due() const { return waiting_.next_due(); }

  Port& players() { return players_; }
  Port& servers() { return servers_; }

 private:
  // A player that is unplugged meanwhile is shared by its packets in flight until the last of them is dropped.
  struct Waiting {
    FrameRef frame{};
    std::shared_ptr<Player> player{};
    Part part{};
    enum class To { kPlayers, kBottleneck, kServers } to = To::kPlayers;
  };
  using To = Waiting::To;

  void route(std::size_t size, const Port& from);
  std::shared_ptr<Player> player_at(Ipv4 address) const;
  FrameRef keep(std::size_t size, const IpPacket& packet);
  template <class Judge>
  void judge_part(Waiting waiting, Judge judge);
  void judge_down(Waiting waiting, base::Instant now);
  void judge_up(Waiting waiting, base::Instant now);
  void judge_behind(Waiting waiting, base::Instant now);
  void send(Waiting waiting, base::Instant due);
  void write(Port& port, const Waiting& waiting);

  TunRouter::Options options_;
  Port players_;
  Port servers_;
  BackendStats stats_;
  std::vector<std::optional<Lanes>> bottlenecks_;  // made with their first player, whose origin their traces take
  std::unordered_map<Ipv4, std::shared_ptr<Player>> links_;
  FramePool pool_;
  FrameRef incoming_;
  Schedule<Waiting> waiting_;
  std::vector<Schedule<Waiting>::Due> due_;  // these three are kept for their memory
  std::vector<Fate> fates_;
  std::vector<Run> runs_;
};

}  // namespace netem

#include "netem/tun/forwarder.h"

#include <algorithm>
#include <cstring>

#include "base/ensure.h"
#include "base/steady_timeline.h"

namespace netem {
namespace {

// Frames in one turn: enough to make a wait for readiness cheap beside them, few enough that the other side, what is due and
// commands wait a millisecond at the most.
constexpr std::size_t kFramesAtOnce = 64;
// A second of 2 Gbit/s. Beyond it packets are dropped, as by a router without memory.
constexpr std::size_t kMemory = 256u << 20;

base::ByteCount size_of(const IpPacket& packet, Part part) {
  base::ByteCount sum;
  for (std::uint32_t i = part.first; i < part.first + part.count; ++i) sum += packet.size_of(i);
  return sum;
}

}  // namespace

Forwarder::Forwarder(const TunRouter::Options& options)
    : options_{options},
      players_{options.players, "players"},
      servers_{options.servers, "servers"},
      bottlenecks_(options.bottlenecks.size()),
      pool_{kMemory},
      incoming_{pool_.take(FramePool::kLargest)} {}

void Forwarder::plug(const PlayerLink& link) {
  std::shared_ptr<Player>& player = links_[link.address];
  if (player)
    player->lanes.replace(link.link, link.origin, link.seed);
  else
    player = std::make_shared<Player>(link);
  player->bottleneck = nullptr;
  if (!link.bottleneck) return;
  ENSURE(*link.bottleneck < bottlenecks_.size());
  std::optional<Lanes>& shared = bottlenecks_[*link.bottleneck];
  if (!shared) shared.emplace(options_.bottlenecks[*link.bottleneck].link, link.origin, *link.bottleneck);
  player->bottleneck = &*shared;
}

LinkReading Forwarder::unplug(Ipv4 address) {
  const LinkReading reading = read(address);
  if (const auto found = links_.find(address); found != links_.end()) {
    found->second->plugged = false;
    links_.erase(found);
  }
  return reading;
}

LinkReading Forwarder::read(Ipv4 address) const {
  const auto found = links_.find(address);
  if (found == links_.end()) return {};
  return {.down = found->second->lanes.down.counters(), .up = found->second->lanes.up.counters()};
}

BackendStats Forwarder::stats() const {
  BackendStats out = stats_;
  out.failure = players_.failure().empty() ? servers_.failure() : players_.failure();
  return out;
}

std::size_t Forwarder::take_from(Port& port) {
  for (std::size_t i = 0; i < kFramesAtOnce; ++i) {
    const std::size_t size = port.read_frame({incoming_->memory, FramePool::kLargest});
    if (size == 0) return i;
    route(size, port);
  }
  return kFramesAtOnce;
}

void Forwarder::route(std::size_t size, const Port& from) {
  const std::optional<IpPacket> packet = parse_frame({incoming_->memory, size});
  if (!packet) {
    ++stats_.packets;
    ++stats_.unroutable;
    return;
  }
  stats_.packets += packet->segments;
  stats_.bytes += static_cast<std::uint64_t>(packet->size().count());
  const bool down = &from == &servers_;
  Waiting waiting{.player = player_at(down ? packet->destination : packet->source), .part = {0, packet->segments}};
  if (!waiting.player) {
    stats_.unroutable += packet->segments;
    return;
  }
  const base::Instant now = base::steady_now();
  waiting.frame = keep(size, *packet);
  if (!waiting.frame) return (down ? waiting.player->lanes.down : waiting.player->lanes.up).drop_before(packet->segments, packet->size());
  down ? judge_down(std::move(waiting), now) : judge_up(std::move(waiting), now);
}

std::shared_ptr<Player> Forwarder::player_at(Ipv4 address) const {
  const auto found = links_.find(address);
  return found == links_.end() ? nullptr : found->second;
}

// A large frame stays where it was read; a small one is copied out.
FrameRef Forwarder::keep(std::size_t size, const IpPacket& packet) {
  const bool is_large = size > FramePool::kLargest / 4;
  FrameRef room = pool_.take(is_large ? FramePool::kLargest : size);
  if (!room) return room;
  if (is_large)
    std::swap(room, incoming_);
  else
    std::memcpy(room->memory, incoming_->memory, size);
  room->size = static_cast<std::uint32_t>(size);
  room->packet = packet;
  return room;
}

// Asks `judge` (size -> Fate) for each segment and has the runs of those delivered wait.
template <class Judge>
void Forwarder::judge_part(Waiting waiting, Judge judge) {
  fates_.clear();
  runs_.clear();
  const Part whole = waiting.part;
  for (std::uint32_t i = 0; i < whole.count; ++i) fates_.push_back(judge(waiting.frame->packet.size_of(whole.first + i)));
  gather_runs(fates_, options_.longest_train, runs_);
  for (std::size_t i = 0; i < runs_.size(); ++i) {
    Waiting piece = i + 1 == runs_.size() ? std::move(waiting) : waiting;
    piece.part = {whole.first + runs_[i].part.first, runs_[i].part.count};
    waiting_.push(runs_[i].due, std::move(piece));
  }
}

// The bottleneck comes first; the lane judges at the instant at which that delivers.
void Forwarder::judge_down(Waiting waiting, base::Instant now) {
  Player& player = *waiting.player;
  waiting.to = To::kPlayers;
  if (player.bottleneck == nullptr)
    return judge_part(std::move(waiting), [&](base::ByteCount size) { return player.lanes.down.judge(now, size); });
  judge_part(std::move(waiting), [&](base::ByteCount size) {
    const Fate shared = player.bottleneck->down.judge(now, size);
    if (shared.kind == Fate::Kind::kDelivered) return player.lanes.down.judge(shared.due, size);
    player.lanes.down.drop_before(1, size);
    return shared;
  });
}

void Forwarder::judge_up(Waiting waiting, base::Instant now) {
  Player& player = *waiting.player;
  waiting.to = player.bottleneck == nullptr ? To::kServers : To::kBottleneck;
  judge_part(std::move(waiting), [&](base::ByteCount size) { return player.lanes.up.judge(now, size); });
}

// The bottleneck on the way up meets the packets of all its players in the order in which they come out of their links.
void Forwarder::judge_behind(Waiting waiting, base::Instant now) {
  Player& player = *waiting.player;
  waiting.to = To::kServers;
  if (player.bottleneck == nullptr) return waiting_.push(now, std::move(waiting));
  judge_part(std::move(waiting), [&](base::ByteCount size) {
    const Fate fate = player.bottleneck->up.judge(now, size);
    if (fate.kind != Fate::Kind::kDelivered) player.lanes.up.drop_behind(1, size);
    return fate;
  });
}

// Frames that have waited have left the caches: those of the turn are fetched side by side while the first are sent.
std::size_t Forwarder::send_due() {
  const base::Instant now = base::steady_now();
  due_.clear();
  while (due_.size() < kFramesAtOnce) {
    auto next = waiting_.pop(now);
    if (!next) break;
    __builtin_prefetch(&*next->item.frame);
    __builtin_prefetch(&*next->item.player);
    due_.push_back(std::move(*next));
  }
  for (auto& next : due_) __builtin_prefetch(next.item.frame->memory + sizeof(VirtioHeader));
  for (auto& next : due_)
    if (next.item.player->plugged) send(std::move(next.item), next.due);
  return due_.size();
}

void Forwarder::send(Waiting waiting, base::Instant due) {
  if (waiting.to == To::kBottleneck) return judge_behind(std::move(waiting), due);
  stats_.lateness.add(base::to_seconds(base::steady_now() - due), waiting.part.count);
  write(waiting.to == To::kPlayers ? players_ : servers_, waiting);
}

void Forwarder::write(Port& port, const Waiting& waiting) {
  const Frame& frame = *waiting.frame;
  bool taken = false;
  if (waiting.part.count == frame.packet.segments) {
    taken = port.write_frame(frame.bytes(), {});
  } else {
    const PartHeaders headers = headers_of(frame.bytes(), frame.packet, waiting.part);
    taken = port.write_frame({headers.bytes.data(), headers.size}, payload_of(frame.bytes(), frame.packet, waiting.part));
  }
  if (taken) return;
  Lane& lane = waiting.to == To::kPlayers ? waiting.player->lanes.down : waiting.player->lanes.up;
  lane.drop_behind(waiting.part.count, size_of(frame.packet, waiting.part));
}

}  // namespace netem

// PacketQueue: what one destination has not taken yet. It begins with a key frame. A destination that falls behind loses all that waits
// and goes on with the next key frame: a hole is better than a delay that never ends. Pure; not thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>

#include "server/ingest/media_packet.h"

namespace server {

struct PacketLimits {
  std::size_t bytes = 8 * 1024 * 1024;
  base::Duration time = std::chrono::seconds{3};  // from the oldest packet's arrival to the newest's
};

class PacketQueue {
 public:
  explicit PacketQueue(PacketLimits limits = {}) : limits_{limits} {}

  void push(const MediaPacket& packet);
  // Nobody takes packets for a while: keeps what begins with the latest key frame, and counts nothing as dropped.
  void hold();
  // Somebody takes packets from now on.
  void release();
  // While it holds: there is something to begin with. Sound comes with it, or was not heard for half a second.
  bool is_ready(base::Instant now) const;

  // Forgets everything but its count.
  void reset();

  bool is_empty() const { return packets_.empty(); }
  const MediaPacket& front() const { return packets_.front(); }
  MediaPacket pop();
  void put_back(MediaPacket packet);
  // The latest packet of a track, taken or not; nothing: none came for two seconds.
  std::optional<MediaPacket> latest(PacketTrack track, base::Instant now) const;
  std::uint64_t dropped() const { return dropped_; }

 private:
  static std::size_t index_of(PacketTrack track) { return track == PacketTrack::kVideo ? 0 : 1; }
  void clear();

  const PacketLimits limits_;
  std::deque<MediaPacket> packets_;
  std::size_t bytes_ = 0;
  bool holding_ = true;
  bool awaits_key_ = true;                  // nothing else has a place in it
  std::optional<base::Instant> beginning_;  // when the first key frame of this hold came
  std::array<std::optional<MediaPacket>, 2> latest_;
  std::uint64_t dropped_ = 0;
};

}  // namespace server

#include "server/forwarding/continuous_clock.h"

#include <algorithm>

namespace server {
namespace {

// A step that neither the pictures' distance nor the time that has gone by explains.
constexpr base::Duration kJump = std::chrono::seconds{1};
// Decode times of one track do not go back but for the rounding of muxers.
constexpr base::Duration kBack = std::chrono::milliseconds{-50};
constexpr base::Duration kLeastStep = std::chrono::milliseconds{1};  // FLV counts in them

}  // namespace

std::optional<ContinuousClock::Times> ContinuousClock::place(const MediaPacket& packet) {
  Track& mine = tracks_[packet.track == PacketTrack::kVideo ? 0 : 1];
  const Track& other = tracks_[packet.track == PacketTrack::kVideo ? 1 : 0];
  if (!follows(mine, packet)) mine.offset = offset_for(packet, mine, other);
  base::Duration decode = packet.decode + mine.offset;
  const base::Duration earliest = mine.begun ? mine.last_out + kLeastStep : base::Duration{};
  mine.last_in = packet.decode;
  mine.arrived = packet.arrived;
  if (decode < earliest) {
    if (packet.track == PacketTrack::kAudio) return std::nullopt;
    decode = earliest;
  }
  mine.begun = true;
  mine.last_out = decode;
  return Times{.decode = decode, .present = std::max(packet.present + mine.offset, decode)};
}

bool ContinuousClock::follows(const Track& track, const MediaPacket& packet) const {
  if (!track.begun) return false;
  const base::Duration step = packet.decode - track.last_in;
  const base::Duration passed = packet.arrived - track.arrived;
  return step >= kBack && (step < kJump || std::chrono::abs(step - passed) < kJump);
}

base::Duration ContinuousClock::offset_for(const MediaPacket& packet, const Track& mine, const Track& other) const {
  if (!mine.begun && !other.begun) return -packet.decode;
  // The other track is there already.
  if (other.begun && std::chrono::abs(packet.decode + other.offset - other.last_out) < kJump) return other.offset;
  const Track& latest = !mine.begun || (other.begun && other.arrived > mine.arrived) ? other : mine;
  return latest.last_out + std::max(packet.arrived - latest.arrived, kLeastStep) - packet.decode;
}

}  // namespace server

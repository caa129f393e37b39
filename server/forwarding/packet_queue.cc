#include "server/forwarding/packet_queue.h"

#include <algorithm>
#include <utility>

#include "base/ensure.h"
#include "server/ingest/av_handles.h"

namespace server {
namespace {

constexpr base::Duration kWaitForSound = std::chrono::milliseconds{500};
constexpr base::Duration kStillThere = std::chrono::seconds{2};

std::size_t size_of(const MediaPacket& packet) { return packet.packet == nullptr ? 0 : static_cast<std::size_t>(packet.packet->size); }

bool begins(const MediaPacket& packet) { return packet.track == PacketTrack::kVideo && packet.key; }

}  // namespace

void PacketQueue::push(const MediaPacket& packet) {
  latest_[index_of(packet.track)] = packet;
  if (holding_ && begins(packet)) {
    clear();
    if (!beginning_) beginning_ = packet.arrived;
  }
  if (!packets_.empty() && (bytes_ + size_of(packet) > limits_.bytes || packet.arrived - packets_.front().arrived > limits_.time)) {
    if (!holding_) dropped_ += packets_.size();
    clear();
    awaits_key_ = true;
  }
  if (begins(packet)) awaits_key_ = false;
  if (awaits_key_) {
    if (!holding_) ++dropped_;
    return;
  }
  bytes_ += size_of(packet);
  packets_.push_back(packet);
}

void PacketQueue::hold() {
  holding_ = true;
  const auto key = std::find_if(packets_.rbegin(), packets_.rend(), begins);
  packets_.erase(packets_.begin(), key == packets_.rend() ? packets_.end() : std::prev(key.base()));
  bytes_ = 0;
  for (const MediaPacket& packet : packets_) bytes_ += size_of(packet);
  awaits_key_ = packets_.empty();
  beginning_ = packets_.empty() ? std::nullopt : std::optional{packets_.front().arrived};
}

void PacketQueue::release() {
  holding_ = false;
  awaits_key_ = packets_.empty();
}

void PacketQueue::reset() {
  clear();
  latest_ = {};
  hold();
}

bool PacketQueue::is_ready(base::Instant now) const {
  if (packets_.empty() || !begins(packets_.front())) return false;
  return latest(PacketTrack::kAudio, now).has_value() || now - *beginning_ >= kWaitForSound;
}

MediaPacket PacketQueue::pop() {
  ENSURE(!packets_.empty());
  MediaPacket packet = std::move(packets_.front());
  packets_.pop_front();
  bytes_ -= size_of(packet);
  return packet;
}

void PacketQueue::put_back(MediaPacket packet) {
  bytes_ += size_of(packet);
  packets_.push_front(std::move(packet));
}

std::optional<MediaPacket> PacketQueue::latest(PacketTrack track, base::Instant now) const {
  const auto& last = latest_[index_of(track)];
  return last && now - last->arrived < kStillThere ? last : std::nullopt;
}

void PacketQueue::clear() {
  packets_.clear();
  bytes_ = 0;
}

}  // namespace server

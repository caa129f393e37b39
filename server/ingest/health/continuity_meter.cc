#include "server/ingest/health/continuity_meter.h"

#include <algorithm>
#include <cstring>

namespace server {
namespace {

constexpr std::uint8_t kSyncByte = 0x47;
constexpr std::uint16_t kNullPid = 0x1FFF;  // 2.4.3.3: its counter is undefined
// Packets in a row that must begin with the sync byte before the first counts as found. ETSI TR 101 290, 5.2.1 takes five; SRT's payloads
// are seven packets, so three are found within each.
constexpr std::size_t kInARow = 3;
constexpr std::size_t kPiece = 4096;  // what is joined to a rest at once

}  // namespace

void ContinuityMeter::take(std::span<const std::uint8_t> bytes) {
  while (!bytes.empty() && !rest_.empty()) {
    const std::size_t count = std::min(bytes.size(), kPiece);
    rest_.insert(rest_.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(count));
    bytes = bytes.subspan(count);
    rest_.erase(rest_.begin(), rest_.begin() + static_cast<std::ptrdiff_t>(read(rest_)));
  }
  if (bytes.empty()) return;
  const std::span<const std::uint8_t> left = bytes.subspan(read(bytes));
  rest_.assign(left.begin(), left.end());
}

void ContinuityMeter::reset() {
  rest_.clear();
  tracks_.clear();
  is_synchronised_ = false;
}

std::size_t ContinuityMeter::read(std::span<const std::uint8_t> bytes) {
  std::size_t done = 0;
  for (;;) {
    if (!is_synchronised_) done += search(bytes.subspan(done));
    if (!is_synchronised_ || bytes.size() - done < kPacket) return done;
    if (bytes[done] == kSyncByte) {
      read_packet(bytes.subspan(done).first<kPacket>());
      done += kPacket;
    } else {
      is_synchronised_ = false;
      ++counts_.sync_losses;
    }
  }
}

// Skips to where packets begin, or to where it cannot be told yet.
std::size_t ContinuityMeter::search(std::span<const std::uint8_t> bytes) {
  const std::uint8_t* const begin = bytes.data();
  std::size_t at = 0;
  while (at < bytes.size()) {
    const void* found = std::memchr(begin + at, kSyncByte, bytes.size() - at);
    at = found == nullptr ? bytes.size() : static_cast<std::size_t>(static_cast<const std::uint8_t*>(found) - begin);
    std::size_t packets = 0;
    while (packets < kInARow && at + packets * kPacket < bytes.size() && bytes[at + packets * kPacket] == kSyncByte) ++packets;
    is_synchronised_ = packets == kInARow;
    if (is_synchronised_ || at + packets * kPacket >= bytes.size()) break;  // found, or more is needed to tell
    ++at;
  }
  counts_.skipped_bytes += at;
  return at;
}

void ContinuityMeter::read_packet(std::span<const std::uint8_t, kPacket> packet) {
  ++counts_.packets;
  if ((packet[1] & 0x80) != 0) {  // not even its PID is certain
    ++counts_.marked_packets;
    return;
  }
  const auto pid = static_cast<std::uint16_t>((packet[1] & 0x1F) << 8 | packet[2]);
  const bool has_adaptation = (packet[3] & 0x20) != 0, has_payload = (packet[3] & 0x10) != 0;
  if (pid == kNullPid || (!has_adaptation && !has_payload)) return;  // neither: reserved, to be discarded
  const auto counter = static_cast<std::uint8_t>(packet[3] & 0x0F);
  const bool may_jump = has_adaptation && packet[4] > 0 && (packet[5] & 0x80) != 0;  // discontinuity_indicator
  std::uint64_t end = 0;
  std::memcpy(&end, packet.data() + kPacket - sizeof end, sizeof end);
  const auto [found, is_new] = tracks_.try_emplace(pid, Track{counter, false, end});
  if (is_new) return;
  if (may_jump)
    found->second = Track{counter, false, has_payload ? end : found->second.end};
  else
    follow(found->second, counter, has_payload, end);
}

// The counter goes up with each packet that has payload, and only with those. A packet may be sent twice, with the same counter and the
// same bytes but for the PCR; its last bytes tell it from one whose counter is the same because fifteen are missing.
void ContinuityMeter::follow(Track& track, std::uint8_t counter, bool has_payload, std::uint64_t end) {
  const bool is_repeat = has_payload && counter == track.counter && end == track.end && !track.is_repeated;
  const auto expected = static_cast<std::uint8_t>(has_payload ? (track.counter + 1) & 0x0F : track.counter);
  if (!is_repeat && counter != expected) ++counts_.counter_errors;
  track.counter = counter;
  if (!has_payload) return;
  track.is_repeated = is_repeat;
  track.end = end;
}

}  // namespace server

#include "server/ingest/readability.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace server {
namespace {

constexpr std::uint8_t kSync = 0x47;                           // ISO 13818-1, 2.4.3.2
constexpr std::array<std::size_t, 3> kPackets{188, 192, 204};  // bare, behind a time, before a checksum
constexpr std::string_view kFlvSignature = "FLV";

}  // namespace

const char* to_text(Container container) { return container == Container::kFlv ? "FLV" : "MPEG-TS"; }

void Readability::take(std::span<const std::uint8_t> bytes) {
  all_ += bytes.size();
  since_packet_ += bytes.size();
  if (container_ == Container::kMpegTs) return follow_packets(bytes);
  const std::size_t missing = kFlvSignature.size() - beginning_.size();
  beginning_.append(reinterpret_cast<const char*>(bytes.data()), std::min(missing, bytes.size()));
}

void Readability::follow_packets(std::span<const std::uint8_t> bytes) {
  std::size_t at = next_;
  while (at < bytes.size()) {
    if (bytes[at] == kSync) {
      if (in_step_) ++right_;
      in_step_ = true;
      at += kPackets[size_];
    } else if (in_step_ && size_ + 1 < kPackets.size()) {
      at += kPackets[size_ + 1] - kPackets[size_];
      ++size_;
    } else {
      if (in_step_) ++wrong_;
      in_step_ = false;
      size_ = 0;
      const auto found = std::find(bytes.begin() + static_cast<std::ptrdiff_t>(at), bytes.end(), kSync);
      at = static_cast<std::size_t>(found - bytes.begin());
    }
  }
  next_ = at - bytes.size();
}

void Readability::packet_found() {
  found_any_ = true;
  since_packet_ = right_ = wrong_ = 0;
}

// Where a search ends there is a sync byte by chance, too; a packet's length after it seldom.
bool Readability::looks_right() const {
  if (container_ == Container::kFlv) return kFlvSignature.starts_with(beginning_);
  return right_ + (in_step_ ? 1 : 0) > wrong_;
}

bool Readability::is_lost() const { return since_packet_ > (found_any_ ? kMostBetween : kMostAtFirst) && !looks_right(); }

}  // namespace server

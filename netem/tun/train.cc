#include "netem/tun/train.h"

#include <algorithm>
#include <cstring>

#include "netem/tun/checksum.h"

namespace netem {
namespace {

// RFC 9293, section 3.1.
constexpr std::uint8_t kFin = 0x01;
constexpr std::uint8_t kPush = 0x08;
constexpr std::uint8_t kWindowReduced = 0x80;  // CWR, RFC 3168 section 6.1

void write16(std::span<std::uint8_t> bytes, std::size_t at, std::size_t value) {
  bytes[at] = static_cast<std::uint8_t>(value >> 8);
  bytes[at + 1] = static_cast<std::uint8_t>(value);
}

bool is_first(Part part) { return part.first == 0; }
bool is_last(const IpPacket& packet, Part part) { return part.first + part.count == packet.segments; }

void fit_virtio(std::span<std::uint8_t> bytes, Part part) {
  VirtioHeader about;
  std::memcpy(&about, bytes.data(), sizeof about);
  if (!is_first(part)) about.train_type &= static_cast<std::uint8_t>(~VirtioHeader::kCongestion);
  if (part.count == 1) {
    about.train_type = VirtioHeader::kNoTrain;
    about.segment_size = 0;
  }
  std::memcpy(bytes.data(), &about, sizeof about);
}

void fit_ip(std::span<std::uint8_t> ip, std::size_t size, Part part) {
  write16(ip, 2, size);
  write16(ip, 4, read16(ip, 4) + std::size_t{part.first});  // as the kernel numbers the segments that it cuts
  write16(ip, 10, 0);
  write16(ip, 10, InternetSum{}.add(ip).complement());
}

void fit_tcp(std::span<std::uint8_t> tcp, const IpPacket& packet, Part part) {
  const std::uint32_t sequence = read32(tcp, 4) + part.first * packet.segment_payload;
  write16(tcp, 4, sequence >> 16);
  write16(tcp, 6, sequence & 0xFFFF);
  std::uint8_t& flags = tcp[13];
  if (!is_last(packet, part)) flags &= static_cast<std::uint8_t>(~(kFin | kPush));
  if (!is_first(part)) flags &= static_cast<std::uint8_t>(~kWindowReduced);
}

// The sum of the pseudo-header of RFC 9293, section 3.1.
std::uint16_t pseudo_sum(std::span<const std::uint8_t> ip, std::size_t tcp_size) {
  return InternetSum{}.add(ip.subspan(12, 8)).add_word(ip[9]).add_word(static_cast<std::uint16_t>(tcp_size)).folded();
}

}  // namespace

void gather_runs(std::span<const Fate> fates, base::Duration longest, std::vector<Run>& runs) {
  base::Instant first_due{};
  bool open = false;
  for (std::uint32_t i = 0; i < fates.size(); ++i) {
    const Fate& fate = fates[i];
    const bool delivered = fate.kind == Fate::Kind::kDelivered;
    if (open && delivered && fate.due >= runs.back().due && fate.due - first_due <= longest) {
      runs.back().due = fate.due;
      ++runs.back().part.count;
    } else if (delivered) {
      first_due = fate.due;
      runs.push_back({fate.due, {i, 1}});
    }
    open = delivered;
  }
  for (std::uint32_t i = 0; i < fates.size(); ++i)
    if (fates[i].kind == Fate::Kind::kDelivered && fates[i].again_at) runs.push_back({*fates[i].again_at, {i, 1}});
}

PartHeaders headers_of(std::span<const std::uint8_t> frame, const IpPacket& packet, Part part) {
  PartHeaders out;
  out.size = sizeof(VirtioHeader) + packet.headers;
  std::memcpy(out.bytes.data(), frame.data(), out.size);
  const std::span<std::uint8_t> bytes{out.bytes.data(), out.size};
  const std::span<std::uint8_t> ip = bytes.subspan(sizeof(VirtioHeader));
  const std::size_t ip_header = (ip[0] & 15u) * 4;
  const std::size_t size = packet.headers + payload_of(frame, packet, part).size();
  fit_virtio(bytes, part);
  fit_ip(ip.first(ip_header), size, part);
  fit_tcp(ip.subspan(ip_header), packet, part);
  write16(ip, ip_header + 16, pseudo_sum(ip, size - ip_header));
  return out;
}

std::span<const std::uint8_t> payload_of(std::span<const std::uint8_t> frame, const IpPacket& packet, Part part) {
  const std::uint32_t begin = part.first * packet.segment_payload;
  const std::uint32_t end = std::min(packet.payload, begin + part.count * packet.segment_payload);
  return frame.subspan(sizeof(VirtioHeader) + packet.headers + begin, end - begin);
}

}  // namespace netem

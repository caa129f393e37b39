#include "netem/tun/ip_packet.h"

#include <algorithm>
#include <cstring>

#include "netem/tun/virtio_header.h"

namespace netem {
namespace {

// RFC 791, section 3.1 and RFC 9293, section 3.1.
constexpr std::size_t kShortestIp = 20;
constexpr std::size_t kShortestTcp = 20;
constexpr std::size_t kTcpChecksum = 16;
constexpr std::uint8_t kTcp = 6;
constexpr std::uint16_t kFragmentMask = 0x3FFF;  // more fragments, or an offset

// Bytes of the IP header; nothing when the packet is not one whole IPv4 packet.
std::optional<std::size_t> ip_header_of(std::span<const std::uint8_t> ip) {
  if (ip.size() < kShortestIp || ip[0] >> 4 != 4) return std::nullopt;
  const std::size_t header = (ip[0] & 15u) * 4;
  if (header < kShortestIp || header > ip.size() || read16(ip, 2) != ip.size()) return std::nullopt;
  return header;
}

bool asks_for_checksum_outside(const VirtioHeader& about, std::size_t size) {
  return (about.flags & VirtioHeader::kNeedsChecksum) != 0 && std::size_t{about.checksum_start} + about.checksum_at + 2 > size;
}

// Bytes of IP and TCP header of a train; nothing when it cannot be one.
std::optional<std::size_t> train_headers_of(const VirtioHeader& about, std::span<const std::uint8_t> ip, std::size_t ip_header) {
  const bool is_tcp4 = (about.train_type & ~VirtioHeader::kCongestion) == VirtioHeader::kTcp4Train && ip[9] == kTcp;
  if (!is_tcp4 || about.segment_size == 0 || (read16(ip, 6) & kFragmentMask) != 0) return std::nullopt;
  if (ip.size() < ip_header + kShortestTcp) return std::nullopt;
  const std::size_t tcp_header = (ip[ip_header + 12] >> 4) * std::size_t{4};
  if (tcp_header < kShortestTcp || ip_header + tcp_header > ip.size()) return std::nullopt;
  const bool leaves_checksum_to_us =
      (about.flags & VirtioHeader::kNeedsChecksum) != 0 && about.checksum_start == ip_header && about.checksum_at == kTcpChecksum;
  if (!leaves_checksum_to_us) return std::nullopt;
  return ip_header + tcp_header;
}

}  // namespace

base::ByteCount IpPacket::size_of(std::uint32_t segment) const {
  const std::uint32_t before = segment * segment_payload;
  return base::ByteCount::bytes(headers + std::min(payload - before, segment_payload));
}

std::optional<IpPacket> parse_frame(std::span<const std::uint8_t> frame) {
  if (frame.size() < sizeof(VirtioHeader)) return std::nullopt;
  VirtioHeader about;
  std::memcpy(&about, frame.data(), sizeof about);
  const std::span<const std::uint8_t> ip = frame.subspan(sizeof about);
  const std::optional<std::size_t> ip_header = ip_header_of(ip);
  if (!ip_header || asks_for_checksum_outside(about, ip.size())) return std::nullopt;

  IpPacket out{.source = read32(ip, 12), .destination = read32(ip, 16), .headers = static_cast<std::uint32_t>(ip.size())};
  if (about.train_type == VirtioHeader::kNoTrain) return out;
  const std::optional<std::size_t> headers = train_headers_of(about, ip, *ip_header);
  if (!headers) return std::nullopt;
  out.headers = static_cast<std::uint32_t>(*headers);
  out.payload = static_cast<std::uint32_t>(ip.size() - *headers);
  out.segment_payload = about.segment_size;
  out.segments = std::max(1u, (out.payload + out.segment_payload - 1) / out.segment_payload);
  return out;
}

}  // namespace netem

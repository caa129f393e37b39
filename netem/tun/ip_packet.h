// IpPacket: what the router needs to know of a frame (a VirtioHeader followed by an IPv4 packet). A frame may be a train: up to 64 KiB
// of TCP payload under one header, which the kernel would cut into segments for a real network. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "base/units.h"
#include "netem/model/backend.h"

namespace netem {

struct IpPacket {
  Ipv4 source = 0;
  Ipv4 destination = 0;
  std::uint32_t headers = 0;          // bytes of IP and TCP header, which each segment of a train has; the whole packet when it is no train
  std::uint32_t payload = 0;          // bytes after them
  std::uint32_t segment_payload = 0;  // of each but the last
  std::uint32_t segments = 1;

  // Of the IP packet that carries this segment alone. Requires: segment < segments.
  base::ByteCount size_of(std::uint32_t segment) const;
  // Of all segments, with a header each.
  base::ByteCount size() const { return base::ByteCount::bytes(std::int64_t{headers} * segments + payload); }
};

// Nothing when it is no whole, well-formed IPv4 packet, or a train of another kind than TCP.
std::optional<IpPacket> parse_frame(std::span<const std::uint8_t> frame);

// Big-endian, as on the wire.
inline std::uint16_t read16(std::span<const std::uint8_t> bytes, std::size_t at) {
  return static_cast<std::uint16_t>(bytes[at] << 8 | bytes[at + 1]);
}
inline std::uint32_t read32(std::span<const std::uint8_t> bytes, std::size_t at) {
  return std::uint32_t{read16(bytes, at)} << 16 | read16(bytes, at + 2);
}

}  // namespace netem

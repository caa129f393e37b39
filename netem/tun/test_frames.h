// Frames as the kernel hands them to the router, for tests.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "netem/tun/checksum.h"
#include "netem/tun/ip_packet.h"
#include "netem/tun/virtio_header.h"

namespace netem::test {

using Bytes = std::vector<std::uint8_t>;

inline void put16(Bytes& bytes, std::size_t at, std::size_t value) {
  bytes[at] = static_cast<std::uint8_t>(value >> 8);
  bytes[at + 1] = static_cast<std::uint8_t>(value);
}
inline void put32(Bytes& bytes, std::size_t at, std::uint32_t value) {
  put16(bytes, at, value >> 16);
  put16(bytes, at + 2, value & 0xFFFF);
}

inline Bytes with_virtio(const VirtioHeader& about, const Bytes& ip) {
  Bytes frame(sizeof about + ip.size());
  std::memcpy(frame.data(), &about, sizeof about);
  std::memcpy(frame.data() + sizeof about, ip.data(), ip.size());
  return frame;
}

// 20 bytes of IP header, then `rest`.
inline Bytes ip_packet(Ipv4 source, Ipv4 destination, std::uint8_t protocol, const Bytes& rest) {
  Bytes ip(20 + rest.size());
  ip[0] = 0x45;
  put16(ip, 2, ip.size());
  put16(ip, 4, 0xFFFE);  // identification: rolls over within a train
  ip[8] = 64;
  ip[9] = protocol;
  put32(ip, 12, source);
  put32(ip, 16, destination);
  std::memcpy(ip.data() + 20, rest.data(), rest.size());
  put16(ip, 10, InternetSum{}.add({ip.data(), 20}).complement());
  return ip;
}

// A datagram whose payload of 8 bytes is `number`.
inline Bytes numbered_frame(Ipv4 source, Ipv4 destination, std::uint64_t number) {
  Bytes rest(8 + sizeof number);
  put16(rest, 4, rest.size());
  std::memcpy(rest.data() + 8, &number, sizeof number);
  return with_virtio({}, ip_packet(source, destination, 17, rest));
}
inline std::uint64_t number_in(std::span<const std::uint8_t> frame) {
  std::uint64_t number = 0;
  std::memcpy(&number, frame.data() + frame.size() - sizeof number, sizeof number);
  return number;
}

struct TrainShape {
  Ipv4 source = 0x0A400001;
  Ipv4 destination = 0xC6120001;
  std::uint16_t segment = 1448;
  std::size_t payload = 10'000;
  std::uint8_t flags = 0x18;  // ACK, PSH
  std::size_t options = 12;
};
constexpr std::uint32_t kFirstSequence = 0xFFFFF000;  // rolls over within a train

inline Bytes train_frame(const TrainShape& shape) {
  Bytes tcp(20 + shape.options + shape.payload);
  put16(tcp, 0, 40000);
  put16(tcp, 2, 80);
  put32(tcp, 4, kFirstSequence);
  tcp[12] = static_cast<std::uint8_t>((20 + shape.options) / 4 << 4);
  tcp[13] = shape.flags;
  for (std::size_t i = 20; i < 20 + shape.options; ++i) tcp[i] = static_cast<std::uint8_t>(i);
  for (std::size_t i = 20 + shape.options; i < tcp.size(); ++i) tcp[i] = static_cast<std::uint8_t>(i * 7 + i / 256);
  const VirtioHeader about{.flags = VirtioHeader::kNeedsChecksum,
                           .train_type = VirtioHeader::kTcp4Train,
                           .header_size = static_cast<std::uint16_t>(40 + shape.options),
                           .segment_size = shape.segment,
                           .checksum_start = 20,
                           .checksum_at = 16};
  return with_virtio(about, ip_packet(shape.source, shape.destination, 6, tcp));
}

}  // namespace netem::test

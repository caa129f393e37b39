// TcpSegment: one TCP segment as a value, with what our endpoints put into it. Sequence numbers count payload bytes from 0 and do not
// wrap; SYN and FIN take none. Segment sizes as on Ethernet-sized links with timestamps (RFC 7323).
#pragma once

#include <array>
#include <cstdint>

#include "base/time.h"
#include "base/units.h"

namespace harness {

struct TcpRange {  // [begin, end)
  std::uint64_t begin = 0, end = 0;
};

constexpr std::uint32_t kTcpSegmentSize = 1448;  // 1500 less 20 of IP, 20 of TCP, 12 of timestamps

struct TcpSegment {
  enum Flag : std::uint8_t { kSyn = 1, kAck = 2, kFin = 4, kRst = 8, kPush = 16 };
  std::uint8_t flags = kAck;
  std::uint8_t sack_count = 0;
  bool duplicate_reported = false;  // the first of `sacks` is a DSACK (RFC 2883)
  std::uint32_t length = 0;
  std::uint64_t seq = 0, ack = 0;
  std::uint32_t window = 0;           // bytes
  std::uint32_t stamp = 0, echo = 0;  // RFC 7323, milliseconds as Linux counts them
  std::array<TcpRange, 3> sacks{};    // what fits beside timestamps

  bool has(Flag flag) const { return (flags & flag) != 0; }
  // Of the IP packet.
  base::ByteCount size() const {
    if (has(kRst)) return base::ByteCount::bytes(40);
    if (has(kSyn)) return base::ByteCount::bytes(60);
    return base::ByteCount::bytes(52 + (sack_count > 0 ? 4 + 8 * sack_count : 0) + static_cast<std::int64_t>(length));
  }
};

}  // namespace harness

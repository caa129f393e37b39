// Cutting a train: which neighbouring segments still travel together after the link has judged each, and the headers of the smaller
// trains that result. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "netem/model/link_model.h"
#include "netem/tun/ip_packet.h"
#include "netem/tun/virtio_header.h"

namespace netem {

// Neighbouring segments of a packet.
struct Part {
  std::uint32_t first = 0;
  std::uint32_t count = 0;
  friend bool operator==(const Part&, const Part&) = default;
};

// A part and when it leaves.
struct Run {
  base::Instant due{};
  Part part{};
  friend bool operator==(const Run&, const Run&) = default;
};

// Adds to `runs` the runs of delivered segments, cut at each one that is not, that would overtake the one before it, or that is due
// more than `longest` after the run's first. A run is due with its last segment. Duplicates are runs of their own.
void gather_runs(std::span<const Fate> fates, base::Duration longest, std::vector<Run>& runs);

// VirtioHeader, IP header and TCP header of at most 60 bytes each (4 bits that count words).
struct PartHeaders {
  std::array<std::uint8_t, sizeof(VirtioHeader) + 60 + 60> bytes;
  std::size_t size = 0;
};

// The headers of a part of a train: lengths, IP identification, sequence number, flags and checksums as if the kernel had cut it
// (the TCP checksum is left to it: the field holds the pseudo-header's sum). Requires: packet = parse_frame(frame) is a train.
PartHeaders headers_of(std::span<const std::uint8_t> frame, const IpPacket& packet, Part part);

// The TCP payload of the part, in the frame.
std::span<const std::uint8_t> payload_of(std::span<const std::uint8_t> frame, const IpPacket& packet, Part part);

}  // namespace netem

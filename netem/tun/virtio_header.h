// VirtioHeader: what stands before each packet on a TUN descriptor with IFF_VNET_HDR. Declared here because linux/virtio_net.h has a
// field named `class`; the layout and the values are that header's struct virtio_net_hdr (10 bytes, in the machine's byte order).
#pragma once

#include <cstdint>

namespace netem {

struct VirtioHeader {
  static constexpr std::uint8_t kNeedsChecksum = 1;  // VIRTIO_NET_HDR_F_NEEDS_CSUM
  static constexpr std::uint8_t kNoTrain = 0;        // VIRTIO_NET_HDR_GSO_NONE
  static constexpr std::uint8_t kTcp4Train = 1;      // VIRTIO_NET_HDR_GSO_TCPV4
  static constexpr std::uint8_t kCongestion = 0x80;  // VIRTIO_NET_HDR_GSO_ECN: the first segment carries CWR

  std::uint8_t flags = 0;
  std::uint8_t train_type = 0;       // gso_type
  std::uint16_t header_size = 0;     // hdr_len: a hint
  std::uint16_t segment_size = 0;    // gso_size: TCP payload of each segment but the last
  std::uint16_t checksum_start = 0;  // csum_start: where the sum begins
  std::uint16_t checksum_at = 0;     // csum_offset: from there to the field
};
static_assert(sizeof(VirtioHeader) == 10);

}  // namespace netem

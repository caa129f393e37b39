// Packets for tests: of a size, of no codec.
#pragma once

#include "server/ingest/av_handles.h"
#include "server/ingest/media_packet.h"

namespace server {

struct TestPacket {
  PacketTrack track = PacketTrack::kVideo;
  bool key = false;
  base::Duration arrived{};
  int size = 1000;
};

inline MediaPacket packet_of(const TestPacket& spec) {
  AvPacketPtr packet{av_packet_alloc()};
  av_new_packet(packet.get(), spec.size);
  return {.track = spec.track,
          .key = spec.key,
          .packet = share(std::move(packet)),
          .parameters = nullptr,
          .decode = spec.arrived,
          .present = spec.arrived,
          .arrived = base::Instant{} + spec.arrived};
}

}  // namespace server

// EncodedPackets: what the encoders let out as packets for others: the highest rung and the sound, timed by the frame grid. One thread.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "server/ingest/media_packet.h"
#include "server/transcode/encoder_set.h"

namespace server {

class EncodedPackets {
 public:
  EncodedPackets(const std::vector<EncodedTrack>& tracks, SlotGeometry geometry);
  // Nothing: the track is not the highest rung, nor the sound. `track`: its place among the tracks.
  std::optional<MediaPacket> packet_of(std::size_t track, const EncodedSample& sample) const;

 private:
  const std::size_t sound_;  // the last track
  const SlotGeometry geometry_;
  std::shared_ptr<const AVCodecParameters> video_parameters_, sound_parameters_;
};

}  // namespace server

// TrackShaper: a track as muxers want it: AAC without ADTS headers and with its AudioSpecificConfig, H.264 and H.265 with their parameter
// sets beside the packets. One thread.
#pragma once

extern "C" {
#include <libavcodec/bsf.h>
}

#include <array>
#include <memory>
#include <string>

#include "base/result.h"
#include "server/ingest/av_handles.h"
#include "server/ingest/media_packet.h"
#include "server/package/forward.h"

namespace server {

class TrackShaper {
 public:
  // From any packet of the track; of a video track from a key frame. The error says why the protocol cannot carry it.
  static base::Result<TrackShaper> make(const MediaPacket& sample, ForwardProtocol protocol);

  const AVCodecParameters& parameters() const { return *parameters_; }
  // False: the track has become another since, for which a muxer must be opened anew.
  bool fits(const MediaPacket& packet) const;
  // Null: the packet is broken.
  AvPacketPtr shape(const MediaPacket& packet);

 private:
  using FilterPtr = std::unique_ptr<AVBSFContext, base::ReleaserByAddress<av_bsf_free>>;
  static FilterPtr open_filter(const char* name, const AVCodecParameters& parameters);
  static AvPacketPtr filtered(AVBSFContext& filter, const MediaPacket& packet);

  explicit TrackShaper(const MediaPacket& sample);
  base::Result<void> complete(const MediaPacket& sample);

  std::shared_ptr<const AVCodecParameters> given_;  // what the source said
  AvParametersPtr parameters_;
  FilterPtr filter_;                    // AAC with ADTS headers only
  std::array<std::uint8_t, 2> adts_{};  // profile, rate and channels in its header
  bool in_band_ = false;                // the parameter sets come with the key frames
};

}  // namespace server

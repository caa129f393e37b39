#include "server/transcode/encoded_packets.h"

#include <cstring>

#include "base/ensure.h"
#include "base/steady_timeline.h"
#include "server/ingest/av_handles.h"

namespace server {
namespace {

AvParametersPtr parameters_of(const EncodedTrack& track) {
  AvParametersPtr made{avcodec_parameters_alloc()};
  ENSURE(made != nullptr);
  const bool video = track.format.kind == media::TrackKind::kVideo;
  made->codec_type = video ? AVMEDIA_TYPE_VIDEO : AVMEDIA_TYPE_AUDIO;
  made->codec_id = video ? AV_CODEC_ID_H264 : AV_CODEC_ID_AAC;
  made->bit_rate = track.target.bps();
  const std::string& config = track.format.codec_config;
  set_extradata(*made, {reinterpret_cast<const std::uint8_t*>(config.data()), config.size()});
  if (video) {
    made->width = track.format.width;
    made->height = track.format.height;
    return made;
  }
  made->sample_rate = track.format.sample_rate;
  made->frame_size = static_cast<int>(SlotGeometry::kAacFrame);
  av_channel_layout_default(&made->ch_layout, track.format.channels);
  return made;
}

AvPacketPtr packet_with(const std::string& bytes) {
  AvPacketPtr packet{av_packet_alloc()};
  ENSURE(packet != nullptr && av_new_packet(packet.get(), static_cast<int>(bytes.size())) == 0);
  std::memcpy(packet->data, bytes.data(), bytes.size());
  return packet;
}

base::Duration aac_frame_time(std::int64_t frame) {
  return base::Duration{av_rescale(frame * SlotGeometry::kAacFrame, 1'000'000'000, SlotGeometry::kSampleRate)};
}

}  // namespace

EncodedPackets::EncodedPackets(const std::vector<EncodedTrack>& tracks, SlotGeometry geometry)
    : sound_{tracks.size() - 1},
      geometry_{geometry},
      video_parameters_{share(parameters_of(tracks.front()))},
      sound_parameters_{share(parameters_of(tracks.back()))} {}

std::optional<MediaPacket> EncodedPackets::packet_of(std::size_t track, const EncodedSample& sample) const {
  if (track != 0 && track != sound_) return std::nullopt;
  const bool video = track == 0;
  const base::Duration at = video ? geometry_.frame_time(sample.frame) : aac_frame_time(sample.frame);
  const base::Duration next = video ? geometry_.frame_time(sample.frame + 1) : aac_frame_time(sample.frame + 1);
  return MediaPacket{.track = video ? PacketTrack::kVideo : PacketTrack::kAudio,
                     .key = sample.key,
                     .packet = share(packet_with(sample.bytes)),
                     .parameters = video ? video_parameters_ : sound_parameters_,
                     .decode = at,
                     .present = at,
                     .lasts = next - at,
                     .arrived = base::steady_now()};
}

}  // namespace server

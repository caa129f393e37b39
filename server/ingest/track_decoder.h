// Decoders of the two tracks: packets in, VideoFrames and AudioBlocks out. Private to server/ingest.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "server/ingest/av_handles.h"
#include "server/ingest/source.h"

namespace server {

// A libavcodec decoder with one thread. Broken packets are skipped: a contribution over a lossy link is no reason to stop.
class TrackDecoder {
 public:
  // Nothing when libavcodec has no decoder for the track.
  static std::optional<TrackDecoder> open(const AVStream& stream);

  // `packet` null: no more to come. Calls `take` with every decoded frame and its timestamp. A packet of sound without a timestamp is
  // given the end of the one before: of the frames in one PES packet only the first has one.
  void decode(AVPacket* packet, const std::function<void(const AVFrame&, base::Duration)>& take);
  double frames_per_second() const;
  // The packet as others may have it. Nothing while the decoder does not know the track's size or rate, and without a timestamp.
  std::optional<MediaPacket> packet_for_others(const AVPacket& packet, PacketTrack track);

 private:
  explicit TrackDecoder(AvCodecContextPtr context) : context_{std::move(context)}, frame_{av_frame_alloc()} {}
  void stamp(AVPacket& packet) const;
  void update_parameters(const AVPacket& packet);
  AvCodecContextPtr context_;
  AvFramePtr frame_;
  std::shared_ptr<const AVCodecParameters> parameters_;
  std::optional<std::int64_t> sound_end_;  // of the latest packet, in units of pkt_timebase
};

// Any audio to stereo floats at kSampleRate.
class AudioNormaliser {
 public:
  // Empty: libswresample cannot convert it, or it holds the samples back.
  AudioBlock convert(const AVFrame& frame, base::Duration timestamp);

 private:
  bool adapt_to(const AVFrame& frame);
  SwrContextPtr resampler_;
  int rate_ = 0, format_ = -1, channels_ = 0;
};

// The timecode among the picture's side data.
std::optional<base::UtcTime> capture_time(const AVFrame& frame);

}  // namespace server

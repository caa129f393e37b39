// EncoderSet: every rung and the sound of one stream. All rungs get the same pictures under the same frame numbers, so they stay
// aligned. Outlives the sources. One thread.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "media/mp4.h"
#include "server/ingest/source.h"
#include "server/transcode/audio_encoder.h"
#include "server/transcode/encoded_sample.h"
#include "server/transcode/ladder.h"
#include "server/transcode/slot_geometry.h"
#include "server/transcode/video_encoder.h"

namespace server {

// One output track of the set: video from high to low, then audio.
struct EncodedTrack {
  std::string name;  // "video-720p", "audio"
  media::Mp4Track format;
  base::Bitrate target, peak;
};

class EncoderSet {
 public:
  // Told of every sample of a track as soon as it is encoded.
  using Tap = std::function<void(std::size_t track, const EncodedSample&)>;
  // Sizes, colours and frame rate come from the source's first picture. Throws base::RunFailed.
  EncoderSet(std::vector<LadderRung> ladder, FrameRate rate, const AVFrame& model, Tap tap = {});

  const std::vector<EncodedTrack>& tracks() const { return tracks_; }
  // Sound that follows begins with this AAC frame; sound that was not taken yet is void.
  void start_at(std::int64_t aac_frame);
  void encode(const Picture& picture, std::int64_t frame, bool key);
  void encode(const AudioBlock& block, std::int64_t skip);
  void encode_silence(std::int64_t samples);
  // Takes out of a track what lies before `frame` on the track's grid.
  std::vector<EncodedSample> take(std::size_t track, std::int64_t frame);

 private:
  void keep(std::size_t track, EncodedSample sample);
  void keep_audio(std::vector<EncodedSample> samples);
  Tap tap_;
  std::vector<std::unique_ptr<VideoEncoder>> video_;
  AudioEncoder audio_;
  std::vector<EncodedTrack> tracks_;
  std::vector<std::deque<EncodedSample>> ready_;  // by track
};

}  // namespace server

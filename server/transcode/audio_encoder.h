// AudioEncoder: one AAC-LC stereo track. Sound goes in as a stream of samples from an AAC frame boundary on; frames come out under
// their absolute number, with the encoder's priming already taken off. One thread.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/units.h"
#include "server/transcode/encoded_sample.h"

namespace server {

class AudioEncoder {
 public:
  // Throws base::RunFailed when libavcodec refuses.
  explicit AudioEncoder(base::Bitrate bitrate);
  ~AudioEncoder();

  // From here on samples belong to AAC frame `frame` and the following; what is still inside is void.
  void start_at(std::int64_t frame);
  // Frames that came out. Requires: equal lengths, start_at() was called.
  std::vector<EncodedSample> encode(std::span<const float> left, std::span<const float> right);
  std::vector<EncodedSample> encode_silence(std::int64_t samples);
  // AudioSpecificConfig.
  const std::string& codec_config() const;
  static base::Bitrate peak(base::Bitrate target);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace server

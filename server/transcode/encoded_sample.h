// What encoders let out, for the packager.
#pragma once

#include <cstdint>
#include <string>

namespace server {

struct EncodedSample {
  std::int64_t frame = 0;  // on the track's own grid: video frames, AAC frames
  std::string bytes;       // video: length-prefixed NAL units
  bool key = true;
};

}  // namespace server

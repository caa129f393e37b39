// Upright: pictures as they are to be shown, where a camera that was held otherwise only says so (a telephone's). One thread.
#pragma once

#include <cstdint>
#include <optional>

#include "server/ingest/av_handles.h"
#include "server/ingest/scaler.h"

namespace server {

// From a picture as it is sent to one as it is shown: first the axes change places, then each may be reversed.
struct Orientation {
  bool transposed = false, mirrored = false, flipped = false;
  friend bool operator==(const Orientation&, const Orientation&) = default;
};

// What the picture itself says (a display orientation SEI), else its stream (the matrix of a track in MP4); quarter turns and mirror
// images: other angles are rounded to them.
Orientation orientation_of(const AVFrame& picture, const AVStream& stream);

class Upright {
 public:
  // YUV 4:2:0 of limited range, all else as it was. Throws base::RunFailed when the pixel format cannot be converted or memory lacks.
  AvFramePtr turn(const AVFrame& from, const Orientation& how);

 private:
  struct Kind {
    int width = 0, height = 0;
    AVColorSpace matrix = AVCOL_SPC_UNSPECIFIED;
    friend bool operator==(const Kind&, const Kind&) = default;
  };
  Kind kind_;  // what the scaler is for
  std::optional<Scaler> scaler_;
};

}  // namespace server

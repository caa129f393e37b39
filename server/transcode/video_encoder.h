// VideoEncoder: one rung of the ladder by libx264: scales a picture and encodes it at once (no B-frames, no lookahead), IDR frames
// only where they are asked for. One thread.
#pragma once

#include <memory>
#include <string>

#include "base/units.h"
#include "server/ingest/source.h"
#include "server/transcode/encoded_sample.h"
#include "server/transcode/ladder.h"
#include "server/transcode/slot_geometry.h"

namespace server {

class VideoEncoder {
 public:
  // `model`: a picture of the source, for its colour description. Throws base::RunFailed when libx264 refuses.
  VideoEncoder(const PlannedRung& rung, FrameRate rate, const AVFrame& model);
  ~VideoEncoder();

  // Throws base::RunFailed when the encoder fails.
  EncodedSample encode(const Picture& picture, std::int64_t frame, bool key);
  // The picture as last encoded: a smaller rung scales it down further. Requires: encode() was called.
  const Picture& scaled() const;
  // AVCDecoderConfigurationRecord.
  const std::string& codec_config() const;
  // What to declare as the busiest segment's rate, boxes included.
  static base::Bitrate peak(base::Bitrate target);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace server

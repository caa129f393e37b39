// TagClock: RTMP's timestamps, 32 bits that wrap after 49.7 days and begin anywhere, to FLV's, which have 32 bits as well. Each connection
// is rebased to begin near zero, so that it has 49.7 days before FLV's own wrap; after that the stream sees a step back, as when an encoder
// begins again. Pure.
#pragma once

#include <cstdint>

namespace server::rtmp {

class TagClock {
 public:
  // Of the first frame; frames that come after it may be a little before it in time.
  static constexpr std::uint32_t kOrigin = 1000;

  // The FLV timestamp of a frame. One that would lie before zero (the encoder's clock was set back) begins at kOrigin again.
  std::uint32_t at(std::uint32_t timestamp) {
    const auto step = static_cast<std::int32_t>(timestamp - last_);
    now_ = running_ ? now_ + step : kOrigin;
    if (now_ < 0) now_ = kOrigin;
    running_ = true;
    last_ = timestamp;
    return now();
  }
  // Of the last frame; for what has no time of its own. Encoders send decoders' configurations with a timestamp of 0 at any time.
  std::uint32_t now() const { return static_cast<std::uint32_t>(now_); }

 private:
  bool running_ = false;
  std::uint32_t last_ = 0;
  std::int64_t now_ = kOrigin;
};

}  // namespace server::rtmp

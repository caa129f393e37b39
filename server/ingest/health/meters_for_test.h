// Pictures, sound and transport stream packets made up for the tests of the health meters.
#pragma once

extern "C" {
#include <libavutil/frame.h>
#include <libavutil/pixdesc.h>
}

#include <cmath>
#include <cstdint>
#include <functional>
#include <memory>
#include <numbers>
#include <vector>

#include "base/random.h"
#include "server/ingest/health/continuity_meter.h"
#include "server/ingest/source.h"

namespace server {

using LumaOf = std::function<int(int x, int y)>;  // in the format's own levels

inline std::shared_ptr<AVFrame> make_picture(int width, int height, const LumaOf& luma, AVPixelFormat format = AV_PIX_FMT_YUV420P) {
  std::shared_ptr<AVFrame> picture{av_frame_alloc(), [](AVFrame* frame) { av_frame_free(&frame); }};
  picture->width = width;
  picture->height = height;
  picture->format = format;
  av_frame_get_buffer(picture.get(), 0);
  const AVComponentDescriptor& component = av_pix_fmt_desc_get(format)->comp[0];
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) {
      std::uint8_t* at = picture->data[component.plane] + y * picture->linesize[component.plane] + x * component.step + component.offset;
      const int value = luma(x, y) << component.shift;
      at[0] = static_cast<std::uint8_t>(value);
      if (component.depth > 8) at[1] = static_cast<std::uint8_t>(value >> 8);
    }
  return picture;
}

inline LumaOf flat(int level) {
  return [level](int, int) { return level; };
}
// Differs everywhere and from one seed to the next, as a moving scene does.
inline LumaOf scene(std::uint64_t seed) {
  return [seed](int x, int y) {
    return 30 + static_cast<int>((static_cast<std::uint64_t>(x) * 7 + static_cast<std::uint64_t>(y) * 13 + seed * 29) % 190);
  };
}

inline AudioBlock make_sound(double amplitude, std::size_t samples = 1024, std::uint64_t first_sample = 0) {
  AudioBlock block;
  for (std::size_t i = 0; i < samples; ++i) {
    const double phase = 2 * std::numbers::pi * 997 * static_cast<double>(first_sample + i) / kSampleRate;
    block.left.push_back(static_cast<float>(amplitude * std::sin(phase)));
  }
  block.right = block.left;
  return block;
}
inline AudioBlock make_noise(double amplitude, std::uint64_t seed, std::size_t samples = 1024) {
  base::Random random{seed};
  AudioBlock block;
  for (std::size_t i = 0; i < samples; ++i) block.left.push_back(static_cast<float>(random.uniform(-amplitude, amplitude)));
  block.right = block.left;
  return block;
}

struct TsPacketParts {
  std::uint16_t pid = 256;
  int counter = 0;
  bool has_payload = true, is_discontinuous = false, is_marked = false;
  std::uint8_t fill = 1;
};
inline std::vector<std::uint8_t> ts_packet(const TsPacketParts& parts) {
  std::vector<std::uint8_t> packet(ContinuityMeter::kPacket, parts.fill);
  const bool has_adaptation = !parts.has_payload || parts.is_discontinuous;
  packet[0] = 0x47;
  packet[1] = static_cast<std::uint8_t>((parts.is_marked ? 0x80 : 0) | parts.pid >> 8);
  packet[2] = static_cast<std::uint8_t>(parts.pid);
  packet[3] = static_cast<std::uint8_t>((has_adaptation ? 0x20 : 0) | (parts.has_payload ? 0x10 : 0) | (parts.counter & 0x0F));
  if (has_adaptation) {
    packet[4] = parts.has_payload ? 1 : 183;
    packet[5] = parts.is_discontinuous ? 0x80 : 0;
  }
  return packet;
}

}  // namespace server

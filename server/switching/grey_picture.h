// For tests: a plain picture whose brightness can name it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>

#include "server/ingest/av_handles.h"
#include "server/ingest/source.h"

namespace server {

inline Picture grey_picture(int luma, int width = 320, int height = 240) {
  AvFramePtr made{av_frame_alloc()};
  made->width = width;
  made->height = height;
  made->format = AV_PIX_FMT_YUV420P;
  av_frame_get_buffer(made.get(), 0);
  for (int plane = 0; plane < 3; ++plane) {
    const int lines = plane == 0 ? height : (height + 1) / 2;
    std::fill_n(made->data[plane], made->linesize[plane] * lines, static_cast<std::uint8_t>(plane == 0 ? luma : 128));
  }
  return share(std::move(made));
}

}  // namespace server

// Scaler: pictures of any format to YUV 4:2:0 of limited range, which is what is encoded, of one size and matrix. One thread.
#pragma once

#include <cstdint>

#include "server/ingest/av_handles.h"

namespace server {

// Black is 0 and white is 255, not 16 and 235.
bool is_full_range(const AVFrame& picture);

// The matrix of its samples. Of RGB, which has none, and where nothing is said, the one that players take at this height.
AVColorSpace matrix_of(const AVFrame& picture, int height);

class Scaler {
 public:
  Scaler(int width, int height, AVColorSpace matrix) : width_{width}, height_{height}, matrix_{matrix} {}

  // Into three planes. Throws base::RunFailed when the pixel format cannot be converted.
  void scale(const AVFrame& from, std::uint8_t* const* data, const int* line_sizes);

 private:
  struct Kind {
    int width = 0, height = 0, format = -1;
    bool full_range = false;
    friend bool operator==(const Kind&, const Kind&) = default;
  };
  void fit(const Kind& kind);
  const int width_, height_;
  const AVColorSpace matrix_;
  Kind kind_;  // what the context is for
  SwsContextPtr context_;
};

}  // namespace server

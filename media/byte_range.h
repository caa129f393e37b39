// Some bytes of a file: EXT-X-BYTERANGE and EXT-X-MAP in HLS, @indexRange, @mediaRange and @range in DASH.
#pragma once

#include <cstdint>

namespace media {

struct ByteRange {
  std::int64_t offset = 0;
  std::int64_t length = 0;
  friend bool operator==(const ByteRange&, const ByteRange&) = default;
};

}  // namespace media

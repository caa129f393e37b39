// The segment index box (sidx; ISO/IEC 14496-12, 8.16.3) of a DASH file with SegmentBase: how long and how large its segments are.
// Pure; never throws and never reads outside its bytes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace media {

struct SegmentIndex {
  struct Entry {
    std::int64_t bytes = 0;     // positive
    std::int64_t duration = 0;  // timescale units, positive
    friend bool operator==(const Entry&, const Entry&) = default;
  };
  std::int64_t timescale = 1;   // positive
  std::int64_t start = 0;       // of the first segment, timescale units
  std::int64_t first_byte = 0;  // of the first segment, from the first of the bytes that were read
  std::vector<Entry> entries;   // never empty
  friend bool operator==(const SegmentIndex&, const SegmentIndex&) = default;
};

// The first sidx among the boxes in `bytes`. Indexes of indexes are not supported.
base::Result<SegmentIndex> read_sidx(std::string_view bytes);
// A box whose reading gives the index back; its first_byte counts from the box, and is not less than the box is long.
std::string write_sidx(const SegmentIndex& index);

}  // namespace media

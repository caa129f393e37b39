// Any bytes as a segment index: refused with a message, or read so that writing and reading again gives the same.
#include <cstddef>
#include <cstdint>

#include "base/ensure.h"
#include "media/sidx.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto index = media::read_sidx({reinterpret_cast<const char*>(data), size});
  if (!index.has_value()) {
    ENSURE(!index.error().message.empty());
    return 0;
  }
  ENSURE(!index->entries.empty() && index->timescale > 0 && index->start >= 0 && index->first_byte >= 0);
  media::SegmentIndex moved = *index;
  moved.first_byte = 1 << 20;  // behind any box
  const auto again = media::read_sidx(media::write_sidx(moved));
  ENSURE(again.has_value() && *again == moved);
  return 0;
}

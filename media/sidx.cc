#include "media/sidx.h"

#include <fmt/format.h>

#include "base/ensure.h"
#include "media/mp4_boxes.h"
#include "media/unsupported.h"

namespace media {
namespace {

constexpr std::int64_t kFarthest = std::int64_t{1} << 61;  // ticks and bytes; sums of what a sidx can hold stay below the type's limit
constexpr std::size_t kHead = 8 + 4 + 4 + 4 + 8 + 8 + 4;   // a version 1 box before its references

// `end` is that of the box, from the first byte read.
base::Result<SegmentIndex> read_box(std::string_view payload, std::int64_t end) {
  ByteReader reader{payload};
  const std::size_t wide = reader.take(4) >> 24 == 0 ? 4 : 8;
  reader.skip(4);  // reference_ID
  const std::uint64_t timescale = reader.take(4), start = reader.take(wide), gap = reader.take(wide);
  reader.skip(2);
  const std::uint64_t count = reader.take(2);
  if (!reader.ok() || reader.rest().size() < count * 12) return base::error("box sidx is too short for what it announces");
  if (timescale == 0) return base::error("the sidx has a timescale of 0");
  if (count == 0) return base::error("the sidx lists no segment");
  if (start > kFarthest || gap > kFarthest) return base::error("the sidx starts beyond any file");
  SegmentIndex index{.timescale = static_cast<std::int64_t>(timescale),
                     .start = static_cast<std::int64_t>(start),
                     .first_byte = end + static_cast<std::int64_t>(gap)};
  index.entries.reserve(count);
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::uint64_t size = reader.take(4), duration = reader.take(4);
    reader.skip(4);  // SAP
    if (size >> 31 != 0) return unsupported(fmt::format("a segment index of segment indexes (sidx, reference {})", i + 1));
    if (size == 0 || duration == 0)
      return base::error(fmt::format("reference {} of the sidx has no {}", i + 1, size == 0 ? "bytes" : "duration"));
    index.entries.push_back({.bytes = static_cast<std::int64_t>(size), .duration = static_cast<std::int64_t>(duration)});
  }
  return index;
}

}  // namespace

base::Result<SegmentIndex> read_sidx(std::string_view bytes) {
  BoxWalk boxes{bytes};
  for (;;) {
    const auto found = boxes.next();
    if (!found.has_value()) return found.error();
    if (!*found) return base::error("there is no sidx box in the index range");
    const std::size_t end = static_cast<std::size_t>((*found)->payload.data() - bytes.data()) + (*found)->payload.size();
    if ((*found)->type == "sidx") return read_box((*found)->payload, static_cast<std::int64_t>(end));
  }
}

std::string write_sidx(const SegmentIndex& index) {
  const std::size_t length = kHead + 12 * index.entries.size();
  ENSURE(static_cast<std::size_t>(index.first_byte) >= length && index.entries.size() <= UINT16_MAX);
  std::string payload = u32(1) + u32(static_cast<std::uint64_t>(index.timescale)) + u64(static_cast<std::uint64_t>(index.start)) +
                        u64(static_cast<std::uint64_t>(index.first_byte) - length) + u16(0) + u16(index.entries.size());
  for (const SegmentIndex::Entry& entry : index.entries) {
    payload += u32(static_cast<std::uint64_t>(entry.bytes)) + u32(static_cast<std::uint64_t>(entry.duration));
    payload += u32(0x9000'0000);  // starts with a stream access point of type 1
  }
  return full_box("sidx", 1, 0, payload);
}

}  // namespace media

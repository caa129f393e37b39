// Any bytes as a content table: problems with text, or tracks of as many segments each.
#include <cstddef>
#include <cstdint>

#include "base/ensure.h"
#include "harness/replay/content_table.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto document = base::parse_json({reinterpret_cast<const char*>(data), size});
  if (!document.has_value()) return 0;
  std::vector<base::Problem> problems;
  const harness::ContentTable content = harness::read_content(*document, problems);
  for (const base::Problem& problem : problems) ENSURE(!problem.message.empty());
  if (!problems.empty()) return 0;
  ENSURE(!content.video.empty() && content.hls_order.size() == content.video.size() && content.segment_duration.count() > 0);
  for (const auto& rung : content.video) {
    ENSURE(rung.track.segments.size() == content.segment_count() && rung.track.durations.size() == content.segment_count());
    for (const base::ByteCount size_of : rung.track.segments) ENSURE(size_of.count() > 0);
  }
  return 0;
}

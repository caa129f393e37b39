// Any bytes as a transport stream in pieces of any size: the first byte says how they are cut, and the cuts change no count.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/ensure.h"
#include "server/ingest/health/continuity_meter.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::span<const std::uint8_t> bytes{data + 1, size - 1};
  const std::size_t piece = 1 + 3 * std::size_t{data[0]};
  server::ContinuityMeter whole, cut;
  whole.take(bytes);
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    const std::size_t count = std::min(piece, bytes.size() - at);
    const std::vector<std::uint8_t> alone(bytes.begin() + static_cast<std::ptrdiff_t>(at),
                                          bytes.begin() + static_cast<std::ptrdiff_t>(at + count));
    cut.take(alone);  // in memory of its own, so that a read outside it is found
  }
  const server::ContinuityCounts& counts = whole.counts();
  ENSURE(counts == cut.counts() && whole.is_synchronised() == cut.is_synchronised());
  ENSURE(counts.packets * server::ContinuityMeter::kPacket + counts.skipped_bytes <= bytes.size());
  ENSURE(counts.counter_errors + counts.marked_packets <= counts.packets);
  return 0;
}

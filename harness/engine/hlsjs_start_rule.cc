#include "harness/engine/hlsjs_start_rule.h"

#include <algorithm>

#include "harness/engine/calibration.h"

namespace harness::hlsjs {
namespace {
constexpr base::Duration kTick = std::chrono::milliseconds{100};
}

base::Instant next_tick(base::Instant zero, base::Instant from) { return zero + ((from - zero) / kTick + 1) * kTick; }

// Parsing is a worker's, which starts with the first segment of either track.
std::optional<base::Instant> first_parsed(const FirstSegments& first) {
  if (!first.video) return std::nullopt;
  const base::Instant worker = std::min(*first.video, first.audio.value_or(*first.video)) + hlsjs_1_7_pace().worker;
  return std::max(*first.video + hlsjs_1_7_pace().first_parsing, worker);
}

std::optional<base::Instant> first_released(const FirstSegments& first, bool has_audio, base::Instant tick_zero) {
  const auto parsed = first_parsed(first);
  if (!parsed || !has_audio) return parsed;
  if (!first.audio) return std::nullopt;
  return *first.audio > *parsed ? *first.audio : next_tick(tick_zero, *parsed);
}

}  // namespace harness::hlsjs

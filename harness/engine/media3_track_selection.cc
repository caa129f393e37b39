#include "harness/engine/media3_track_selection.h"

#include <algorithm>

#include "base/ensure.h"

namespace harness {
namespace {

using namespace base::literals;

// AdaptiveTrackSelection.java
constexpr double kBandwidthFraction = 0.7;        // DEFAULT_BANDWIDTH_FRACTION
constexpr base::Duration kClimbFrom = 10s;        // DEFAULT_MIN_DURATION_FOR_QUALITY_INCREASE_MS
constexpr base::Duration kDescendBelow = 25s;     // DEFAULT_MAX_DURATION_FOR_QUALITY_DECREASE_MS
constexpr base::Duration kKeptWhenCutting = 25s;  // DEFAULT_MIN_DURATION_TO_RETAIN_AFTER_DISCARD_MS
constexpr double kShareOfLive = 0.75;             // DEFAULT_BUFFERED_FRACTION_TO_LIVE_EDGE_FOR_QUALITY_INCREASE
constexpr int kTallestToCut = 719;                // DEFAULT_MAX_HEIGHT_TO_DISCARD; its width of 1279 is the same at 16:9

base::Duration scaled(base::Duration duration, double factor) {
  return base::Duration{static_cast<std::int64_t>(static_cast<double>(duration.count()) * factor)};
}

}  // namespace

base::Bitrate media3_affordable(const Media3Situation& situation) {
  const base::Bitrate both = situation.estimate * (kBandwidthFraction / situation.speed);
  return base::Bitrate::bits_per_second(std::max<std::int64_t>(both.bps() - situation.audio.bps(), 0));
}

std::size_t media3_ideal(const std::vector<LadderRung>& ladder, const Media3Situation& situation, const Media3Exclusions& exclusions) {
  ENSURE(!ladder.empty());
  const base::Bitrate affordable = media3_affordable(situation);
  std::size_t lowest = ladder.size() - 1;
  for (std::size_t i = ladder.size(); i-- > 0;) {
    if (exclusions.is_excluded(i, situation.now)) continue;
    if (ladder[i].peak <= affordable) return i;
    lowest = i;
  }
  return lowest;
}

base::Duration media3_buffer_to_climb(const Media3Situation& situation) {
  if (!situation.available) return kClimbFrom;
  const base::Duration reachable = *situation.available - situation.next_chunk.value_or(base::Duration{});
  return std::min(scaled(reachable, kShareOfLive), kClimbFrom);
}

std::size_t media3_choice(const std::vector<LadderRung>& ladder, const Media3Situation& situation, const Media3Exclusions& exclusions,
                          std::optional<std::size_t> previous) {
  const std::size_t ideal = media3_ideal(ladder, situation, exclusions);
  if (!previous || *previous >= ladder.size() || exclusions.is_excluded(*previous, situation.now)) return ideal;
  if (ideal > *previous && situation.buffered < media3_buffer_to_climb(situation)) return *previous;
  if (ideal < *previous && situation.buffered >= kDescendBelow) return *previous;
  return ideal;
}

// What is buffered becomes less, and what has to be to climb too, but never faster; below nothing it does so alone.
base::Duration media3_choice_lasts(const std::vector<LadderRung>& ladder, const Media3Situation& situation,
                                   const Media3Exclusions& exclusions, std::optional<std::size_t> previous) {
  if (exclusions.has_any(situation.now)) return {};
  const std::size_t ideal = media3_ideal(ladder, situation, exclusions);
  if (!previous || *previous >= ladder.size() || ideal == *previous) return base::Duration::max();
  const base::Duration over = situation.buffered - (ideal > *previous ? media3_buffer_to_climb(situation) : kDescendBelow);
  if (over >= base::Duration{}) return over;
  return ideal > *previous ? situation.buffered : base::Duration::max();
}

std::optional<base::Duration> media3_cut(const Media3Queue& queue, const std::vector<LadderRung>& ladder, std::size_t ideal,
                                         base::Duration playhead, double speed) {
  const base::Duration kept = playhead + scaled(kKeptWhenCutting, speed);
  if (queue.empty() || queue.last_start() < kept) return std::nullopt;
  for (const Media3Queue::Run& run : queue.runs()) {
    const LadderRung& rung = ladder[std::min<std::size_t>(run.rendition, ladder.size() - 1)];
    const bool low = rung.height > 0 && rung.height <= kTallestToCut && rung.height < ladder[ideal].height;
    if (run.last_start() < kept || !low || rung.peak >= ladder[ideal].peak) continue;
    if (run.start >= kept) return run.start;
    return run.start + (kept - run.start + run.duration - base::Duration{1}) / run.duration * run.duration;
  }
  return std::nullopt;
}

}  // namespace harness

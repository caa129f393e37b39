#include "harness/engine/hlsjs_level_rule.h"

#include <algorithm>

namespace harness::hlsjs {
namespace {

using namespace std::chrono_literals;

constexpr double kKeepFactor = 0.95;               // abrBandWidthFactor, config.ts
constexpr base::Duration kLongestStarvation = 4s;  // maxStarvationDelay, config.ts
constexpr base::Duration kUnknownSegment = 1s;     // findBestLevel counts with a second before the first segment
constexpr double kLongestLoad = 1e6;               // seconds; keeps arithmetic finite at a bandwidth of nothing

bool is_in_time(const Level& level, const Outlook& outlook, const Caution& caution, double bandwidth, double rate) {
  if (outlook.live) return true;
  const base::Duration segment = outlook.segment.count() > 0 ? outlook.segment : kUnknownSegment;
  const base::Duration load = time_to_load(outlook, bandwidth, rate * base::to_seconds(segment), !level.listed);
  return load <= outlook.first_byte || load < outlook.buffer + caution.grace;
}

}  // namespace

base::Duration time_to_load(const Outlook& outlook, double bandwidth_bps, double bits, bool needs_playlist) {
  const double seconds = std::min(bits / std::max(bandwidth_bps, 1.0), kLongestLoad);
  const base::Duration load = outlook.first_byte + base::Duration{static_cast<std::int64_t>(seconds * 1e9)};
  return needs_playlist ? load + outlook.first_byte + outlook.playlist : load;
}

std::optional<std::size_t> best_level(Levels levels, const Outlook& outlook, const Caution& caution) {
  const bool long_buffer = outlook.segment.count() > 0 && outlook.buffer >= 2 * outlook.segment && caution.grace.count() == 0;
  for (std::size_t i = std::min(outlook.highest + 1, levels.size()); i-- > 0;) {
    const Level& level = levels[i];
    const double share = i > outlook.base ? caution.step_up : caution.keep;
    const double bandwidth = share * static_cast<double>(outlook.bandwidth.bps());
    const auto rate = static_cast<double>((long_buffer ? level.average : level.peak).bps());
    if (bandwidth < rate || (level.has_failed() && outlook.loaded != i)) continue;
    if (is_in_time(level, outlook, caution, bandwidth, rate)) return i;
  }
  return std::nullopt;
}

std::size_t first_level(Levels levels, const Outlook& outlook, std::size_t first) {
  Outlook halved = outlook;
  halved.buffer /= 2;
  const auto best = best_level(levels, halved, {.grace = kLongestStarvation});
  return best.value_or(std::min(first, outlook.highest));
}

// First without any stall in view; then with one that lasts no longer than the segment plays; else the lowest.
std::size_t next_level(Levels levels, const Outlook& outlook) {
  Caution caution{.keep = kKeepFactor, .step_up = kStepUpFactor};
  if (outlook.buffer.count() > 0) {
    if (const auto best = best_level(levels, outlook, caution)) return *best;
  }
  caution.grace = outlook.segment.count() > 0 ? std::min(outlook.segment, kLongestStarvation) : kLongestStarvation;
  return best_level(levels, outlook, caution).value_or(0);
}

}  // namespace harness::hlsjs

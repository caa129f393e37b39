#include "harness/engine/hlsjs_abandon_rule.h"

#include <algorithm>

namespace harness::hlsjs {
namespace {

struct Progress {
  double rate_bps = 0;    // of the running download, or the estimate before its first byte
  base::Duration left{};  // until it is here
};

double bits(base::ByteCount size) { return static_cast<double>(size.count()) * 8; }

Progress progress_of(const Level& level, const Outlook& outlook, const Loading& loading) {
  const double declared = static_cast<double>(level.average.bps()) * base::to_seconds(outlook.segment);
  const double expected = std::max(bits(loading.received), loading.size ? bits(*loading.size) : declared);
  const auto estimate = static_cast<double>(outlook.bandwidth.bps());
  const bool flows = loading.first_byte && loading.received.count() > 0;
  if (!flows) return {estimate, time_to_load(outlook, estimate, expected, false)};
  const double streaming = std::max(base::to_seconds(loading.elapsed - *loading.first_byte), 1e-3);
  const double rate = bits(loading.received) / streaming;
  return {rate, base::Duration{static_cast<std::int64_t>((expected - bits(loading.received)) / rate * 1e9)}};
}

}  // namespace

base::Duration patience(const Outlook& outlook) { return std::max(outlook.first_byte, outlook.segment / 2); }

std::optional<Rescue> rescue(Levels levels, const Outlook& outlook, const Loading& loading) {
  if (loading.level < 2 || loading.level >= levels.size() || loading.elapsed < patience(outlook)) return std::nullopt;
  const Progress progress = progress_of(levels[loading.level], outlook, loading);
  if (progress.left <= outlook.buffer) return std::nullopt;
  const base::Duration budget = std::min(outlook.buffer, outlook.segment + outlook.first_byte);
  std::size_t level = loading.level - 1;
  base::Duration delay{};
  for (; level > 0; --level) {
    const double size = static_cast<double>(levels[level].peak.bps()) * base::to_seconds(outlook.segment);
    delay = time_to_load(outlook, progress.rate_bps, size, !levels[level].listed || outlook.live);
    if (delay < budget) break;
  }
  if (delay >= progress.left || delay > 10 * outlook.segment) return std::nullopt;
  return Rescue{.level = level, .urgent = progress.left > 2 * delay};
}

}  // namespace harness::hlsjs

#include "harness/engine/dashjs_insufficient_buffer_rule.h"

namespace harness::dashjs {
namespace {

constexpr double kInsufficientBufferSafety = 0.7;  // throughputSafetyFactor, Settings.js

}  // namespace

std::optional<std::size_t> InsufficientBufferRule::limit(const Ladder& ladder, const Situation& situation) const {
  if (ignored_ > 0 || situation.segment_s <= 0) return std::nullopt;
  if (situation.empty) return 0;
  const double kbps = kInsufficientBufferSafety * situation.average_kbps.value_or(0) * situation.buffer_s / situation.segment_s;
  if (kbps <= 0) return std::nullopt;
  return optimal(ladder, kbps);
}

}  // namespace harness::dashjs

#include "server/ingest/health/skew_meter.h"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace server {
namespace {

using namespace std::chrono_literals;
constexpr base::Duration kSmoothing = 1s;  // an assumption: longer than pictures wait for their order and than the usual jitter
constexpr base::Duration kStep = 1s;       // SlotGrid's limit for a jump

}  // namespace

// Weighed by media time: what comes in a burst counts as much as what comes evenly.
void SkewMeter::Track::take(base::Instant arrived, base::Duration timestamp) {
  const base::Duration late = arrived.time_since_epoch() - timestamp;
  if (!last || std::chrono::abs(late - lateness) > kStep) {
    lateness = late;
  } else {
    const double passed = std::max(0.0, base::to_seconds(timestamp - *last));
    lateness += base::from_seconds(base::to_seconds(late - lateness) * -std::expm1(-passed / base::to_seconds(kSmoothing)));
  }
  last = timestamp;
}

std::optional<base::Duration> SkewMeter::skew() const {
  return video_.last && audio_.last ? std::optional{audio_.lateness - video_.lateness} : std::nullopt;
}

std::optional<base::Instant> SkewMeter::apart_since(base::Instant now, base::Duration limit) {
  const std::optional<base::Duration> apart = skew();
  if (!apart || std::chrono::abs(*apart) <= limit)
    apart_since_.reset();
  else if (!apart_since_)
    apart_since_ = now;
  return apart_since_;
}

void SkewMeter::reset() { *this = SkewMeter{}; }

}  // namespace server

#include "server/ingest/health/dwell.h"

namespace server {

Dwell::Change Dwell::observe(base::Instant now, std::optional<base::Instant> since, const DwellTimes& times) {
  if (since) {
    good_since_.reset();
    if (raised_since_ || now - *since < times.raise_after) return Change::kNone;
    raised_since_ = since;
    return Change::kRaised;
  }
  if (!raised_since_) return Change::kNone;
  if (!good_since_) good_since_ = now;
  if (now - *good_since_ < times.clear_after) return Change::kNone;
  raised_since_.reset();
  good_since_.reset();
  return Change::kCleared;
}

}  // namespace server

#include "server/ingest/health/black_meter.h"

namespace server {

void BlackMeter::take(base::Instant now, const LumaGrid& picture, const Limits& limits) {
  luma_ = picture.mean();
  spread_ = picture.spread();
  if (luma_ > limits.luma || spread_ > limits.spread)
    black_since_.reset();
  else if (!black_since_)
    black_since_ = now;
}

}  // namespace server

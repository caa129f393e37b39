// BlackMeter: since when the pictures have been black: dark in the mean and nearly even, so that a dark scene and a small logo are not.
// Pure; one thread.
#pragma once

#include <optional>

#include "base/time.h"
#include "server/ingest/health/luma_grid.h"

namespace server {

class BlackMeter {
 public:
  struct Limits {
    double luma = 0, spread = 0;  // at most so much, in levels of 8 bit limited range
  };
  void take(base::Instant now, const LumaGrid& picture, const Limits& limits);
  std::optional<base::Instant> black_since() const { return black_since_; }
  double luma() const { return luma_; }  // of the last picture
  double spread() const { return spread_; }
  void reset() { black_since_.reset(); }

 private:
  std::optional<base::Instant> black_since_;
  double luma_ = 0, spread_ = 0;
};

}  // namespace server

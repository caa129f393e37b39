// BitrateMeter: how many bits a source sends now, over a sliding window, and how many it usually sends. Pure; one thread.
#pragma once

#include <optional>

#include "base/units.h"
#include "server/ingest/health/sliding_sum.h"

namespace server {

class BitrateMeter {
 public:
  struct Limits {
    base::Bitrate floor;  // below it is low, always; 0: no floor
    double collapse = 0;  // below this share of the usual rate is low, in [0, 1); 0: never
  };
  // Requires: window >= 1 ms.
  explicit BitrateMeter(base::Duration window) : window_{window}, bytes_{window} {}

  void take(base::Instant now, base::ByteCount size) { bytes_.add(now, size.count()); }
  // A window of bytes has come.
  bool is_known(base::Instant now) const;
  // To be called often, also while nothing comes. Returns: since when the rate is low; nothing while it is not, or not known.
  std::optional<base::Instant> low_since(base::Instant now, const Limits& limits);
  base::Bitrate rate(base::Instant now);
  // A slow mean of the rate; 0 before it is known.
  base::Bitrate usual() const { return base::Bitrate::bits_per_second(static_cast<std::int64_t>(usual_)); }
  // Another connection: nothing is known of it.
  void reset();

 private:
  void learn(base::Instant now, double rate, bool is_low);
  base::Duration window_;
  SlidingSum bytes_;
  std::optional<base::Instant> low_since_, learnt_;
  double usual_ = 0;  // bits per second
};

}  // namespace server

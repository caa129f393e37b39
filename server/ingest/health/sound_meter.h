// SoundMeter: the level of a source's sound, and since when there has been nothing to hear: sound below the limit, or, once there has been
// any, none at all. Pure; one thread.
#pragma once

#include <optional>

#include "base/time.h"
#include "server/ingest/source.h"

namespace server {

inline constexpr double kLowestLevel = -120;  // dBFS; what is lower counts as this, digital silence too

// Root mean square of both channels in dB relative to full scale, at which a sine of full scale is -3.01.
double level_of(const AudioBlock& block);

class SoundMeter {
 public:
  void take(base::Instant now, const AudioBlock& block, double limit);
  // Returns: since when nothing is to be heard. `patience`: how long a block may be in coming before that counts as silence.
  std::optional<base::Instant> silent_since(base::Instant now, base::Duration patience) const;
  bool is_known() const { return last_.has_value(); }  // there has been sound
  // Whether silence is for want of blocks.
  bool is_missing(base::Instant now, base::Duration patience) const { return last_ && now - *last_ > patience; }
  double level() const { return level_; }  // of the last block, dBFS
  void reset();

 private:
  std::optional<base::Instant> last_, silent_since_;
  double level_ = kLowestLevel;
};

}  // namespace server

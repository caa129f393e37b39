// Which variant Shaka plays at an estimated bandwidth (chooseVariant, lib/abr/simple_abr_manager.js), and when it looks again.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "base/time.h"
#include "base/units.h"

namespace harness::shaka {

struct Variant {
  base::Bitrate rate;              // video and audio
  base::Instant disabled_until{};  // its stream failed
};

// Requires: at least one variant, ascending. A disabled one is chosen only where all are.
std::size_t choose(std::span<const Variant> variants, base::Bitrate estimate, double playback_rate, base::Instant now);

// suggestStreams_: the first time as soon as the estimate is good, then not before the switch interval is over.
class SwitchInterval {
 public:
  void chosen(base::Instant now) { last_ = now; }
  bool is_over(base::Instant now, bool estimate_is_good);

 private:
  base::Instant last_{};
  bool started_ = false;
};

}  // namespace harness::shaka

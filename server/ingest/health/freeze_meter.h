// FreezeMeter: since when the pictures have not changed. A picture is still when it differs from the one before by less than the limit, and
// not by far from the one the stillness began with, so that a slow fade is motion in the end. An encoder repaints a still picture with each
// of its key frames: a small change, once in a while, that does not go on, is no motion. Pure; one thread.
#pragma once

#include <optional>

#include "base/time.h"
#include "server/ingest/health/luma_grid.h"

namespace server {

class FreezeMeter {
 public:
  // `limit`: mean absolute luma difference. Requires: `now` never goes back.
  void take(base::Instant now, const LumaGrid& picture, double limit);
  // When the first of the equal pictures came; nothing while they move.
  std::optional<base::Instant> still_since() const { return is_still_ ? since_ : std::nullopt; }
  // Of the last picture to the one before.
  double difference() const { return difference_; }
  void reset();

 private:
  bool is_repaint(base::Instant now);
  LumaGrid first_, last_;  // of the stillness
  std::optional<base::Instant> since_, repainted_;
  bool is_still_ = false;
  double difference_ = 0;
};

}  // namespace server

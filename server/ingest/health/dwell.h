// Dwell: makes a lasting state out of a condition that may flicker: raised when the condition has held for so long, cleared when it has
// not held for so long. Pure; one thread.
#pragma once

#include <optional>

#include "base/time.h"

namespace server {

struct DwellTimes {
  base::Duration raise_after{}, clear_after{};
  friend bool operator==(const DwellTimes&, const DwellTimes&) = default;
};

class Dwell {
 public:
  enum class Change { kNone, kRaised, kCleared };
  // `since`: since when the condition holds; nothing when it does not. Requires: `now` never goes back.
  Change observe(base::Instant now, std::optional<base::Instant> since, const DwellTimes& times);
  bool is_raised() const { return raised_since_.has_value(); }
  // Since when the condition held that raised it. Requires: is_raised().
  base::Instant since() const { return *raised_since_; }
  // No knowledge: what has begun to count towards clearing counts no more; what is raised stays so.
  void forget() { good_since_.reset(); }

 private:
  std::optional<base::Instant> raised_since_, good_since_;
};

}  // namespace server

// What Media3 does about a failed request (DefaultLoadErrorHandlingPolicy.java, BaseTrackSelection.java; Media3 1.11.0): a rendition
// that answers 403, 404, 410, 416, 500 or 503 is left alone for a minute if there is another one; anything else is asked for again at
// once, then after 1 and 2 s, and the fourth failure is the end. Several locations of one rendition are not known here.
#pragma once

#include <algorithm>
#include <array>
#include <vector>

#include "base/boxed.h"
#include "base/time.h"
#include "harness/engine/retry_policy.h"

namespace harness {

class LadderChange;

class Media3Exclusions {
 public:
  bool is_excluded(std::size_t rendition, base::Instant now) const { return rendition < until_.size() && until_[rendition] > now; }
  bool has_any(base::Instant now) const {
    return std::any_of(until_.begin(), until_.end(), [now](base::Instant until) { return until > now; });
  }
  // Returns: whether it is left alone now; not the last of `renditions` that may be played.
  bool exclude(std::size_t rendition, std::size_t renditions, base::Instant now);
  void on_ladder(const LadderChange& change);

 private:
  std::vector<base::Instant> until_;  // by rendition; empty until something fails
};

class Media3Errors {
 public:
  // `alternatives`: the renditions that may be loaded instead, this one included; 0 where there is no choice.
  Remedy remedy(const FailedRequest& request, std::size_t alternatives, base::Instant now);
  void on_ladder(const LadderChange& change) {
    if (past_) past_->exclusions.on_ladder(change);
  }
  const Media3Exclusions& exclusions() const;

 private:
  struct Past {
    Media3Exclusions exclusions;
    std::array<int, kRequestKinds> forgiven{};  // by kind of request: failures before the rendition was changed
  };
  base::Boxed<Past> past_;  // since the first failure
};

}  // namespace harness

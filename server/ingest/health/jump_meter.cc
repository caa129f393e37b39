#include "server/ingest/health/jump_meter.h"

#include <cmath>

namespace server {
namespace {

using namespace std::chrono_literals;
// Two clocks that drift apart by 100 millionths leave 6 ms to be followed at this pace. An assumption.
constexpr base::Duration kDriftFollow = 60s;
// A picture that is behind may be the first of a burst after a stall; behind for so long, it is not. An assumption.
constexpr base::Duration kBurst = 3s;

}  // namespace

std::optional<base::Duration> JumpMeter::take(base::Instant arrived, base::Duration timestamp, base::Duration limit) {
  const base::Duration lead = timestamp - arrived.time_since_epoch();
  const std::optional<Picture> before = last_;
  last_ = Picture{arrived, timestamp};
  if (!before) {
    usual_lead_ = lead;
    behind_since_.reset();
    return std::nullopt;
  }
  const base::Duration off = lead - usual_lead_;
  const bool is_back = timestamp < before->timestamp;
  const bool is_behind = !is_back && off < -limit;
  if (!is_behind) behind_since_.reset();
  if (is_behind && !behind_since_) behind_since_ = arrived;
  if (is_back || off > limit || (is_behind && arrived - *behind_since_ >= kBurst)) {
    usual_lead_ = lead;
    behind_since_.reset();
    return off;
  }
  if (!is_behind) {
    const double share = -std::expm1(-base::to_seconds(arrived - before->arrived) / base::to_seconds(kDriftFollow));
    usual_lead_ += base::from_seconds(base::to_seconds(off) * share);
  }
  return std::nullopt;
}

}  // namespace server

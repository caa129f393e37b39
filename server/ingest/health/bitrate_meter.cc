#include "server/ingest/health/bitrate_meter.h"

#include <cmath>

namespace server {
namespace {

using namespace std::chrono_literals;
// How fast the usual rate follows. While the rate is low it follows slowly, so that a collapse does not soon become the rule, but a source
// that is set to a lower rate for good does. Assumptions.
constexpr base::Duration kFollow = 30s, kFollowLow = 10min;

}  // namespace

base::Bitrate BitrateMeter::rate(base::Instant now) {
  const base::Duration covered = bytes_.covered(now);
  return base::Bitrate::of(base::ByteCount::bytes(bytes_.sum(now)), covered);
}

// The oldest twentieth of the window may be gone already.
bool BitrateMeter::is_known(base::Instant now) const { return bytes_.covered(now) >= window_ - window_ / 10; }

std::optional<base::Instant> BitrateMeter::low_since(base::Instant now, const Limits& limits) {
  if (!is_known(now)) return std::nullopt;
  const auto bits = static_cast<double>(rate(now).bps());
  const bool is_low = bits < static_cast<double>(limits.floor.bps()) || bits < limits.collapse * usual_;
  if (!is_low)
    low_since_.reset();
  else if (!low_since_)
    low_since_ = now;
  learn(now, bits, is_low);
  return low_since_;
}

void BitrateMeter::learn(base::Instant now, double bits, bool is_low) {
  if (!learnt_) {
    usual_ = bits;
  } else {
    const double share = base::to_seconds(now - *learnt_) / base::to_seconds(is_low ? kFollowLow : kFollow);
    usual_ += (bits - usual_) * -std::expm1(-share);
  }
  learnt_ = now;
}

void BitrateMeter::reset() {
  bytes_.reset();
  low_since_.reset();
  learnt_.reset();
  usual_ = 0;
}

}  // namespace server

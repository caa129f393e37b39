#include "server/ingest/health/freeze_meter.h"

namespace server {
namespace {

using namespace std::chrono_literals;
// Measured on still pictures of our test videos, 720p, encoded again by x264 (veryfast, zerolatency, a key frame every 2 s) at 0.5 to
// 4 Mbit/s: a key frame changes the mean by up to 3.4 levels, pictures go on changing for up to 200 ms after it, and all of them stay
// within 7 levels of the first. (Noise at 1.5 Mbit/s and less does not; it is not found frozen.)
constexpr double kRepaintMost = 4, kDriftMost = 8;
constexpr base::Duration kRepaintLasts = 200ms;
constexpr base::Duration kRepaintEvery = 500ms;  // at most; an assumption: key frames are further apart

}  // namespace

void FreezeMeter::take(base::Instant now, const LumaGrid& picture, double limit) {
  difference_ = since_ ? picture.difference(last_) : 0;
  last_ = picture;
  is_still_ = since_ && (difference_ < limit || is_repaint(now)) && picture.difference(first_) < kDriftMost;
  if (is_still_) return;
  first_ = picture;
  since_ = now;
  repainted_.reset();
}

// Of a picture that changes.
bool FreezeMeter::is_repaint(base::Instant now) {
  if (!is_still_ || now - *since_ < kRepaintEvery || difference_ > kRepaintMost) return false;
  if (repainted_ && now - *repainted_ <= kRepaintLasts) return true;
  if (repainted_ && now - *repainted_ < kRepaintEvery) return false;
  repainted_ = now;
  return true;
}

void FreezeMeter::reset() { *this = FreezeMeter{}; }

}  // namespace server

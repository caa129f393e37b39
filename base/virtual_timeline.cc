#include "base/virtual_timeline.h"

#include "base/ensure.h"

namespace base {

bool VirtualTimeline::step(Instant deadline) {
  const std::optional<Instant> due = queue_.next_due();
  if (!due || *due > deadline) return false;
  ENSURE(*due >= now_);
  now_ = *due;
  (*queue_.take_due(now_))();
  return true;
}

void VirtualTimeline::run_until(Instant deadline) {
  while (step(deadline)) {
  }
  now_ = std::max(now_, deadline);
}

void VirtualTimeline::run_before(Instant when) {
  ENSURE(when >= now_);
  while (step(when - Duration{1})) {
  }
  now_ = when;
}

bool VirtualTimeline::run_until(const std::function<bool()>& done, Instant deadline) {
  while (!done())
    if (!step(deadline)) return false;
  return true;
}

}  // namespace base

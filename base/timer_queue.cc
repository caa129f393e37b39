#include "base/timer_queue.h"

namespace base {

std::uint64_t TimerQueue::add(Instant when, Timeline::Callback callback) {
  const std::uint64_t id = ++last_id_;
  callbacks_.emplace(id, std::move(callback));
  order_.push({when, id});
  return id;
}

void TimerQueue::drop_cancelled() {
  while (!order_.empty() && !callbacks_.contains(order_.top().id)) order_.pop();
}

std::optional<Instant> TimerQueue::next_due() {
  drop_cancelled();
  if (order_.empty()) return std::nullopt;
  return order_.top().when;
}

std::optional<Timeline::Callback> TimerQueue::take_due(Instant now) {
  drop_cancelled();
  if (order_.empty() || order_.top().when > now) return std::nullopt;
  auto node = callbacks_.extract(order_.top().id);
  order_.pop();
  return std::move(node.mapped());
}

}  // namespace base

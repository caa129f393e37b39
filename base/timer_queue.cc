#include "base/timer_queue.h"

#include <algorithm>
#include <utility>

namespace base {
namespace {

constexpr std::size_t kChildren = 4;  // a heap half as deep as a binary one, in as many cache lines

}  // namespace

std::uint32_t TimerQueue::free_slot() {
  if (free_ != kNone) return std::exchange(free_, slots_[free_].at);
  slots_.emplace_back();
  return static_cast<std::uint32_t>(slots_.size() - 1);
}

std::uint64_t TimerQueue::add(Instant when, Timeline::Callback callback) {
  const std::uint32_t index = free_slot();
  Slot& slot = slots_[index];
  slot.callback = std::move(callback);
  ++slot.use;
  const Entry entry{when, ++last_order_, index};
  if (std::exchange(is_first_free_, false)) {
    sink(0, entry);
  } else {
    heap_.emplace_back();
    rise(heap_.size() - 1, entry);
  }
  return std::uint64_t{slot.use} << 32 | index;
}

void TimerQueue::put(std::size_t at, const Entry& entry) {
  heap_[at] = entry;
  slots_[entry.slot].at = static_cast<std::uint32_t>(at);
}

void TimerQueue::rise(std::size_t at, const Entry& entry) {
  for (; at > 0; at = (at - 1) / kChildren) {
    const Entry& parent = heap_[(at - 1) / kChildren];
    if (!(entry < parent)) break;
    put(at, parent);
  }
  put(at, entry);
}

void TimerQueue::sink(std::size_t at, const Entry& entry) {
  for (std::size_t first = kChildren * at + 1; first < heap_.size(); first = kChildren * at + 1) {
    const auto end = heap_.begin() + static_cast<std::ptrdiff_t>(std::min(first + kChildren, heap_.size()));
    const auto least = std::min_element(heap_.begin() + static_cast<std::ptrdiff_t>(first), end);
    if (!(*least < entry)) break;
    put(at, *least);
    at = static_cast<std::size_t>(least - heap_.begin());
  }
  put(at, entry);
}

// The last entry takes its place.
void TimerQueue::remove(std::size_t at) {
  const Entry last = heap_.back();
  heap_.pop_back();
  if (at < heap_.size()) {
    if (at > 0 && last < heap_[(at - 1) / kChildren])
      rise(at, last);
    else
      sink(at, last);
  }
}

Timeline::Callback TimerQueue::take(std::size_t at) {
  const std::uint32_t index = heap_[at].slot;
  if (at == 0)
    is_first_free_ = true;
  else
    remove(at);
  slots_[index].at = std::exchange(free_, index);
  return std::move(slots_[index].callback);
}

void TimerQueue::cancel(std::uint64_t id) noexcept {
  const auto index = static_cast<std::uint32_t>(id);
  if (index >= slots_.size()) return;
  fill();
  const Slot& slot = slots_[index];
  const bool waits = slot.use == id >> 32 && slot.at < heap_.size() && heap_[slot.at].slot == index;
  if (waits) take(slot.at);  // what the callback captured goes last, when all is in order: it may cancel others
}

std::optional<Timeline::Callback> TimerQueue::take_due(Instant now) {
  fill();
  if (heap_.empty() || heap_.front().when > now) return std::nullopt;
  return take(0);
}

}  // namespace base

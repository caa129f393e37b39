#include "base/lane_timeline.h"

#include <algorithm>
#include <utility>

#include "base/ensure.h"
#include "base/virtual_timeline.h"

namespace base {

LaneTimeline::LaneTimeline(std::size_t lanes) : lanes_(lanes), now_{VirtualTimeline::kStart}, until_{now_} {}

std::uint64_t LaneTimeline::add(Instant when, Callback callback) {
  Lane& lane = lanes_[current_];
  std::uint32_t place = free_;
  if (place == kNoEntry) {
    place = static_cast<std::uint32_t>(entries_.size());
    ENSURE(place < kNoEntry);
    entries_.emplace_back();
  } else {
    free_ = entries_[place].next;
  }
  Entry& entry = entries_[place];
  entry.when = when;
  entry.serial = ++lane.last_serial;
  entry.callback = std::move(callback);
  entry.next = std::exchange(lane.last, place);
  note_due(current_);
  return std::uint64_t{current_} << kSerialBits | entry.serial;
}

std::uint32_t LaneTimeline::first(const Lane& lane) const {
  std::uint32_t found = lane.last;
  if (found == kNoEntry) return found;
  for (std::uint32_t each = entries_[found].next; each != kNoEntry; each = entries_[each].next)
    if (entries_[each] < entries_[found]) found = each;
  return found;
}

void LaneTimeline::note_due(std::size_t number) {
  if (number == running_) return;
  Lane& lane = lanes_[number];
  const std::uint32_t next = first(lane);
  lane.due = is_due(next) ? entries_[next].when : Instant::max();
}

Callback LaneTimeline::take(Lane& lane, std::uint32_t place) {
  Entry& entry = entries_[place];
  if (lane.last == place) {
    lane.last = entry.next;
  } else {
    std::uint32_t before = lane.last;
    while (entries_[before].next != place) before = entries_[before].next;
    entries_[before].next = entry.next;
  }
  entry.next = std::exchange(free_, place);
  return std::move(entry.callback);
}

void LaneTimeline::cancel(std::uint64_t id) noexcept {
  const std::size_t number = id >> kSerialBits;
  const auto serial = static_cast<std::uint32_t>(id);
  Lane& lane = lanes_[number];
  std::uint32_t found = lane.last;
  while (found != kNoEntry && entries_[found].serial != serial) found = entries_[found].next;
  if (found == kNoEntry) return;
  const Callback taken = take(lane, found);  // what it captured goes last, when all is in order: it may cancel others
  note_due(number);
  if (!taken) let_go_.push_back(number);
}

void LaneTimeline::enter(std::size_t lane, const std::function<void()>& act) {
  const std::size_t before = std::exchange(current_, lane);
  act();
  current_ = before;
}

void LaneTimeline::run(std::size_t number) {
  Lane& lane = lanes_[number];
  current_ = running_ = number;
  for (std::uint32_t next = first(lane); is_due(next) && entries_[next].when < until_; next = first(lane)) {
    now_ = entries_[next].when;
    const Callback due = take(lane, next);
    due();
  }
  running_ = kNone;
  note_due(number);
  current_ = 0;
  now_ = until_;
}

void LaneTimeline::run_before(Instant when) {
  until_ = when;
  let_go_.clear();
  for (std::size_t lane = 0; lane < lanes_.size(); ++lane)
    if (lanes_[lane].due < until_) run(lane);
  now_ = when;
}

void LaneTimeline::run_on() {
  run_on_.clear();
  std::swap(let_go_, run_on_);
  for (const std::size_t lane : run_on_)
    if (lanes_[lane].due < until_) run(lane);
}

}  // namespace base

#include "base/lane_timeline.h"

#include <algorithm>
#include <utility>

#include "base/virtual_timeline.h"

namespace base {

LaneTimeline::LaneTimeline(std::size_t lanes) : lanes_(lanes), now_{VirtualTimeline::kStart}, until_{now_} {}

std::uint64_t LaneTimeline::add(Instant when, Callback callback) {
  const std::uint64_t id = std::uint64_t{current_} << kSerialBits | ++last_serial_;
  lanes_[current_].entries.push_back({.when = when, .id = id, .callback = std::move(callback)});
  note_due(current_);
  return id;
}

void LaneTimeline::note_due(std::size_t number) {
  if (number == running_) return;
  Lane& lane = lanes_[number];
  const auto next = first(lane);
  lane.due = has_due(lane, next) ? next->when : Instant::max();
}

LaneTimeline::Entry LaneTimeline::take(Lane& lane, std::vector<Entry>::iterator which) {
  Entry taken = std::move(*which);
  if (which != lane.entries.end() - 1) *which = std::move(lane.entries.back());
  lane.entries.pop_back();
  return taken;
}

void LaneTimeline::cancel(std::uint64_t id) noexcept {
  const std::size_t number = id >> kSerialBits;
  Lane& lane = lanes_[number];
  const auto found = std::find_if(lane.entries.begin(), lane.entries.end(), [id](const Entry& each) { return each.id == id; });
  if (found == lane.entries.end()) return;
  const Entry taken = take(lane, found);  // what the callback captured goes last, when all is in order: it may cancel others
  note_due(number);
  if (!taken.callback) let_go_.push_back(number);
}

void LaneTimeline::enter(std::size_t lane, const std::function<void()>& act) {
  const std::size_t before = std::exchange(current_, lane);
  act();
  current_ = before;
}

void LaneTimeline::run(std::size_t number) {
  Lane& lane = lanes_[number];
  current_ = running_ = number;
  for (auto next = first(lane); has_due(lane, next) && next->when < until_; next = first(lane)) {
    const Entry due = take(lane, next);
    now_ = due.when;
    due.callback();
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

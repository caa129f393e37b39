#include "harness/run/shared_server.h"

#include <algorithm>

#include "base/ensure.h"

namespace harness {

base::Instant SharedServer::Desk::announce(TransferId id, base::Instant arrival, const TransportRequest& request, ModelReply& answer) {
  arrival = std::max({arrival, opens_, timeline_.now() + base::Duration{1}});
  arrival = std::max(arrival, server_.announce(id, arrival, request, answer));
  coming_.push_back(
      {.arrival = arrival, .id = id, .request = &request, .answer = &answer, .hold = lanes_ ? lanes_->hold(arrival) : base::Timer{}});
  std::push_heap(coming_.begin(), coming_.end());
  return arrival;
}

void SharedServer::Desk::withdraw(TransferId id) {
  if (std::erase_if(coming_, [id](const Announced& each) { return each.id == id; }) > 0) std::make_heap(coming_.begin(), coming_.end());
}

SharedServer::Desk::Announced SharedServer::Desk::take_first() {
  std::pop_heap(coming_.begin(), coming_.end());
  Announced first = std::move(coming_.back());
  coming_.pop_back();
  return first;
}

void SharedServer::Desk::reply_to(base::Instant now, const TransportRequest&, ModelReply&) { ENSURE(now < opens_); }

ModelReply SharedServer::Desk::reply(base::Instant, const TransportRequest&) { ENSURE(false); }

SharedServer::Desk& SharedServer::open_desk(base::LaneTimeline& timeline) { return open(timeline, &timeline); }

SharedServer::Desk& SharedServer::open_desk(base::VirtualTimeline& timeline) { return open(timeline, nullptr); }

SharedServer::Desk& SharedServer::open(const base::Timeline& timeline, base::LaneTimeline* lanes) {
  desks_.push_back(std::make_unique<Desk>(server_, timeline));
  desks_.back()->lanes_ = lanes;
  return *desks_.back();
}

std::optional<base::Instant> SharedServer::next_arrival() const {
  std::optional<base::Instant> next;
  for (const auto& desk : desks_)
    if (!desk->coming_.empty() && (!next || desk->coming_.front().arrival < *next)) next = desk->coming_.front().arrival;
  return next;
}

void SharedServer::answer_through(base::Instant when) {
  for (const auto& desk : desks_) {
    desk->opens_ = when + base::Duration{1};
    while (!desk->coming_.empty() && desk->coming_.front().arrival <= when) arrived_.push_back(desk->take_first());
    const auto later = std::partition(desk->leaving_.begin(), desk->leaving_.end(), [when](const Leave& each) { return each.at <= when; });
    left_.insert(left_.end(), desk->leaving_.begin(), later);
    desk->leaving_.erase(desk->leaving_.begin(), later);
  }
  std::sort(arrived_.begin(), arrived_.end(), [](const Desk::Announced& a, const Desk::Announced& b) { return b < a; });
  std::sort(left_.begin(), left_.end());
  auto leaves = left_.cbegin();
  for (const Desk::Announced& each : arrived_) {
    for (; leaves != left_.cend() && leaves->at <= each.arrival; ++leaves) server_.leave(leaves->viewer);
    *each.answer = server_.reply(each.arrival, *each.request);
  }
  for (; leaves != left_.cend(); ++leaves) server_.leave(leaves->viewer);
  arrived_.clear();
  left_.clear();
}

}  // namespace harness

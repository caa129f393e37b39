#include "harness/run/shared_server.h"

#include <algorithm>

#include "base/ensure.h"

namespace harness {

base::Instant SharedServer::Desk::announce(TransferId id, base::Instant arrival, const TransportRequest& request) {
  arrival = std::max(arrival, opens_);
  coming_.push_back({.arrival = arrival, .id = id, .request = &request, .hold = lanes_ ? lanes_->hold(arrival) : base::Timer{}});
  std::push_heap(coming_.begin(), coming_.end());
  return arrival;
}

void SharedServer::Desk::withdraw(TransferId id) {
  if (std::erase_if(coming_, [id](const Announced& each) { return each.id == id; }) > 0) std::make_heap(coming_.begin(), coming_.end());
  answers_.erase(id);
}

SharedServer::Desk::Announced SharedServer::Desk::take_first() {
  std::pop_heap(coming_.begin(), coming_.end());
  Announced first = std::move(coming_.back());
  coming_.pop_back();
  return first;
}

ModelReply SharedServer::Desk::reply_to(TransferId id, base::Instant, const TransportRequest&) {
  const auto found = answers_.find(id);
  ENSURE(found != answers_.end());
  ModelReply reply = std::move(found->second);
  answers_.erase(found);
  return reply;
}

ModelReply SharedServer::Desk::reply(base::Instant, const TransportRequest&) { ENSURE(false); }

SharedServer::Desk& SharedServer::open_desk(base::LaneTimeline* lanes) {
  desks_.push_back(std::make_unique<Desk>());
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
  struct Arrived {
    Desk* desk;
    Desk::Announced what;
  };
  std::vector<Arrived> arrived;
  for (const auto& desk : desks_) {
    desk->opens_ = when + base::Duration{1};
    while (!desk->coming_.empty() && desk->coming_.front().arrival <= when) arrived.push_back({desk.get(), desk->take_first()});
  }
  std::sort(arrived.begin(), arrived.end(), [](const Arrived& a, const Arrived& b) { return b.what < a.what; });
  for (const Arrived& each : arrived) each.desk->answers_.emplace(each.what.id, server_.reply(each.what.arrival, *each.what.request));
}

}  // namespace harness

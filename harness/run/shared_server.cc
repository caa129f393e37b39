#include "harness/run/shared_server.h"

#include <algorithm>

#include "base/ensure.h"

namespace harness {

base::Instant SharedServer::Desk::announce(TransferId id, base::Instant arrival, const TransportRequest& request) {
  return coming_.emplace_back(Announced{std::max(arrival, opens_), id, request}).arrival;
}

void SharedServer::Desk::withdraw(TransferId id) {
  std::erase_if(coming_, [id](const Announced& each) { return each.id == id; });
  answers_.erase(id);
}

ModelReply SharedServer::Desk::reply_to(TransferId id, base::Instant, const TransportRequest&) {
  const auto found = answers_.find(id);
  ENSURE(found != answers_.end());
  ModelReply reply = std::move(found->second);
  answers_.erase(found);
  return reply;
}

ModelReply SharedServer::Desk::reply(base::Instant, const TransportRequest&) { ENSURE(false); }

SharedServer::Desk& SharedServer::open_desk() { return *desks_.emplace_back(std::make_unique<Desk>()); }

void SharedServer::answer_through(base::Instant when) {
  struct Arrived {
    Desk* desk;
    Desk::Announced what;
  };
  std::vector<Arrived> arrived;
  for (const auto& desk : desks_) {
    desk->opens_ = when + base::Duration{1};
    const auto later = std::partition(desk->coming_.begin(), desk->coming_.end(), [when](const auto& each) { return each.arrival > when; });
    for (auto each = later; each != desk->coming_.end(); ++each) arrived.push_back({desk.get(), std::move(*each)});
    desk->coming_.erase(later, desk->coming_.end());
  }
  std::sort(arrived.begin(), arrived.end(), [](const Arrived& a, const Arrived& b) {
    return a.what.arrival != b.what.arrival ? a.what.arrival < b.what.arrival : a.what.id < b.what.id;
  });
  for (const Arrived& each : arrived) each.desk->answers_.emplace(each.what.id, server_.reply(each.what.arrival, each.what.request));
}

}  // namespace harness

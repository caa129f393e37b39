#include "server/library/refused_publishers.h"

#include <algorithm>

namespace server {
namespace {

constexpr std::size_t kMostListed = 64;

}  // namespace

RefusedPublishers::RefusedPublishers(prometheus::Registry& registry)
    : counters_{prometheus::BuildCounter()
                    .Name("rehearsal_publishers_refused_total")
                    .Help("Publishers that were not let in, or did not stay because of what they sent")
                    .Register(registry)} {}

void RefusedPublishers::add(const PublishPoints::Refused& refused) {
  counters_.Add({{"protocol", to_text(refused.protocol)}, {"reason", name_of(refused.refusal)}}).Increment();
  RefusedPublisher entry{.when = refused.when,
                         .protocol = to_text(refused.protocol),
                         .point = refused.point,
                         .peer = refused.peer,
                         .refusal = name_of(refused.refusal),
                         .reason = refused.reason};
  const std::lock_guard lock{mutex_};
  const auto alike = std::ranges::find_if(latest_, [&](const RefusedPublisher& other) {
    return other.protocol == entry.protocol && other.point == entry.point && other.refusal == entry.refusal && other.reason == entry.reason;
  });
  if (alike != latest_.end()) {
    entry.times += alike->times;
    latest_.erase(alike);
  }
  latest_.push_back(std::move(entry));
  if (latest_.size() > kMostListed) latest_.pop_front();
}

std::vector<RefusedPublisher> RefusedPublishers::list() const {
  const std::lock_guard lock{mutex_};
  return {latest_.begin(), latest_.end()};
}

}  // namespace server

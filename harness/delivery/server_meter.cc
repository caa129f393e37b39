#include "harness/delivery/server_meter.h"

#include <algorithm>

namespace harness {
namespace {

double largest(const std::vector<double>& list) { return list.empty() ? 0 : *std::max_element(list.begin(), list.end()); }

}  // namespace

const char* to_text(ServerLimit limit) {
  static constexpr const char* kNames[] = {"requests", "egress", "connections", "transcode", "link", "processor"};
  return kNames[static_cast<std::size_t>(limit)];
}

void ServerMeter::begin(base::Instant now) {
  *this = {};
  began_ = now;
}

reports::DeliveryRow ServerMeter::row() const {
  const auto outcomes = [this](CacheOutcome outcome) { return outcomes_[static_cast<std::size_t>(outcome)]; };
  reports::DeliveryRow row{.requests = requests_,
                           .hits = outcomes(CacheOutcome::kHit),
                           .misses = outcomes(CacheOutcome::kMiss),
                           .coalesced = outcomes(CacheOutcome::kCoalesced),
                           .stale = outcomes(CacheOutcome::kStale),
                           .stale_on_error = outcomes(CacheOutcome::kStaleOnError),
                           .passed = outcomes(CacheOutcome::kPassed),
                           .refused = refused_,
                           .bytes = bytes_.count(),
                           .upstream_requests = upstream_requests_,
                           .upstream_revalidated = revalidated_,
                           .upstream_bytes = upstream_bytes_.count(),
                           .longest_wait = base::to_seconds(longest_wait_),
                           .peak_requests = largest(requests_each_second_),
                           .peak_egress = largest(bits_each_second_),
                           .peak_connections = static_cast<double>(most_connections_),
                           .requests_each_second = requests_each_second_,
                           .egress_each_second = bits_each_second_};
  if (first_) {
    row.first_limit = to_text(first_->limit);
    row.first_limit_at = base::to_seconds(std::max(first_->at - began_, base::Duration{}));
    row.first_limit_connections = static_cast<double>(first_->open);
  }
  return row;
}

}  // namespace harness

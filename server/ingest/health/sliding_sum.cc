#include "server/ingest/health/sliding_sum.h"

#include <algorithm>

#include "base/ensure.h"

namespace server {

SlidingSum::SlidingSum(base::Duration window) : bucket_{window / kBuckets} { ENSURE(window >= std::chrono::milliseconds{1}); }

void SlidingSum::add(base::Instant now, std::int64_t amount) {
  if (!first_) {
    first_ = now;
    newest_ = now.time_since_epoch() / bucket_;
  }
  advance(now);
  amounts_[static_cast<std::size_t>(newest_ % kBuckets)] += amount;
  total_ += amount;
}

std::int64_t SlidingSum::sum(base::Instant now) {
  if (first_) advance(now);
  return total_;
}

base::Duration SlidingSum::covered(base::Instant now) const {
  if (!first_) return base::Duration::zero();
  const std::int64_t newest = std::max<std::int64_t>(newest_, now.time_since_epoch() / bucket_);
  const base::Instant oldest{(newest - kBuckets + 1) * bucket_};
  return std::max(base::Duration::zero(), now - std::max(oldest, *first_));
}

void SlidingSum::reset() {
  amounts_.fill(0);
  total_ = 0;
  first_.reset();
}

void SlidingSum::advance(base::Instant now) {
  const std::int64_t bucket = now.time_since_epoch() / bucket_;
  if (bucket - newest_ >= kBuckets) {
    amounts_.fill(0);
    total_ = 0;
    newest_ = bucket;
  }
  while (newest_ < bucket) {
    std::int64_t& oldest = amounts_[static_cast<std::size_t>(++newest_ % kBuckets)];
    total_ -= oldest;
    oldest = 0;
  }
}

}  // namespace server

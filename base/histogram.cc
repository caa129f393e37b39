#include "base/histogram.h"

#include <algorithm>
#include <cmath>

#include "base/nearest_rank.h"

namespace base {

// Bucket 0 holds zero; bucket 1 + (e - lowest) * 128 + s holds values with exponent e and sub-bucket s of their mantissa.
std::size_t Histogram::bucket_of(double value) {
  if (!(value >= std::ldexp(1.0, kLowestExponent))) return 0;
  int exponent = 0;
  const double fraction = std::frexp(value, &exponent);  // [0.5, 1)
  exponent -= 1;
  if (exponent >= kHighestExponent) return static_cast<std::size_t>(kHighestExponent - kLowestExponent) * kSubBuckets;
  const auto sub = static_cast<int>((fraction * 2 - 1) * kSubBuckets);
  return static_cast<std::size_t>((exponent - kLowestExponent) * kSubBuckets + sub + 1);
}

double Histogram::upper_of(std::size_t bucket) {
  if (bucket == 0) return 0;
  const int index = static_cast<int>(bucket) - 1;
  return std::ldexp(1.0 + (index % kSubBuckets + 1) / static_cast<double>(kSubBuckets), index / kSubBuckets + kLowestExponent);
}

double Histogram::middle_of(std::size_t bucket) {
  if (bucket == 0) return 0;
  const int index = static_cast<int>(bucket) - 1;
  return std::ldexp(1.0 + (index % kSubBuckets + 0.5) / kSubBuckets, index / kSubBuckets + kLowestExponent);
}

void Histogram::add(double value, std::uint64_t times) {
  if (times == 0) return;
  value = std::max(value, 0.0);
  const std::size_t bucket = bucket_of(value);
  if (bucket >= counts_.size()) counts_.resize(bucket + 1);
  counts_[bucket] += times;
  min_ = count_ == 0 ? value : std::min(min_, value);
  max_ = std::max(max_, value);
  count_ += times;
  sum_ += value * static_cast<double>(times);
}

void Histogram::merge(const Histogram& other) {
  if (other.count_ == 0) return;
  if (other.counts_.size() > counts_.size()) counts_.resize(other.counts_.size());
  for (std::size_t i = 0; i < other.counts_.size(); ++i) counts_[i] += other.counts_[i];
  min_ = count_ == 0 ? other.min_ : std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
  count_ += other.count_;
  sum_ += other.sum_;
}

double Histogram::quantile(double q) const {
  if (count_ == 0) return 0;
  const std::uint64_t rank = nearest_rank(q, count_);
  if (rank >= count_) return max_;
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    seen += counts_[i];
    if (seen >= rank) return std::clamp(middle_of(i), min_, max_);
  }
  return max_;
}

std::vector<Histogram::Bucket> Histogram::buckets() const {
  std::vector<Bucket> out;
  for (std::size_t i = 0; i < counts_.size(); ++i)
    if (counts_[i] > 0) out.push_back({upper_of(i), counts_[i]});
  return out;
}

}  // namespace base

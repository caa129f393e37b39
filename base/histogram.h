// A fixed-size histogram of non-negative doubles: 128 buckets per power of two from 2^-20 to 2^44, so a reported quantile is
// within 0.4 % of a recorded value; count, sum, min and max are exact. Merging two gives what adding all values to one would.
#pragma once

#include <cstdint>
#include <vector>

namespace base {

class Histogram {
 public:
  // Values below 2^-20 count as zero; Requires: value is finite. Negative values count as zero.
  void add(double value, std::uint64_t times = 1);
  void merge(const Histogram& other);

  std::uint64_t count() const { return count_; }
  double sum() const { return sum_; }
  double mean() const { return count_ == 0 ? 0 : sum_ / static_cast<double>(count_); }
  double min() const { return count_ == 0 ? 0 : min_; }
  double max() const { return max_; }
  // Nearest-rank quantile, q in [0, 1]; 0 when empty. Clamped to [min, max].
  double quantile(double q) const;

  // Non-empty buckets in order: the upper bound of each (inclusive) and its count. For plots and stores.
  struct Bucket {
    double upper;
    std::uint64_t count;
  };
  std::vector<Bucket> buckets() const;

 private:
  static constexpr int kSubBuckets = 128;
  static constexpr int kLowestExponent = -20;
  static constexpr int kHighestExponent = 44;
  static std::size_t bucket_of(double value);
  static double middle_of(std::size_t bucket);
  static double upper_of(std::size_t bucket);
  std::vector<std::uint64_t> counts_;  // grown on demand up to 64 * 128 + 1
  std::uint64_t count_ = 0;
  double sum_ = 0;
  double min_ = 0;
  double max_ = 0;
};

}  // namespace base

#include "harness/engine/hlsjs_bandwidth.h"

#include <algorithm>
#include <cmath>

namespace harness::hlsjs {
namespace {

constexpr double kDefaultFirstByteMs = 100;
constexpr double kShortestFirstByteMs = 5;
constexpr double kLeastWeight = 0.001;  // minWeight_

}  // namespace

// Long waits weigh less: a request that got stuck says little of the next one.
void Bandwidth::add_first_byte(base::Duration after_call) {
  const double seconds = base::to_seconds(after_call);
  const double weight = std::sqrt(2.0) * std::exp(-seconds * seconds / 2);
  first_byte_.add(weight, std::max(seconds * 1e3, kShortestFirstByteMs));
}

base::Duration Bandwidth::first_byte() const {
  const bool known = first_byte_.weight() >= kLeastWeight;
  const double ms = known ? first_byte_.value() : kDefaultFirstByteMs;
  return base::Duration{static_cast<std::int64_t>(ms * 1e6)};
}

void Bandwidth::add(base::ByteCount size, base::Duration loading, base::Duration first_byte) {
  throughput_.add(size, loading - std::min(first_byte, this->first_byte()));
}

}  // namespace harness::hlsjs

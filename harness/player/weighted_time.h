// WeightedTime: a sum of durations, each times a whole number, in seconds: bit rates or counts times how long they held. Exact, so that it
// does not matter into how many parts a time is taken apart.
#pragma once

#include <cstdint>

#include "base/time.h"

namespace harness {

class WeightedTime {
 public:
  void add(std::int64_t weight, base::Duration time) {
    const Wide sum = Wide{weight} * time.count() + nanoseconds_;
    const auto narrow = static_cast<std::int64_t>(sum);
    const bool fits = narrow == sum;  // a division of 128 bits is dear, and hardly ever needed
    seconds_ += fits ? narrow / kSecond : static_cast<std::int64_t>(sum / kSecond);
    nanoseconds_ = fits ? narrow % kSecond : static_cast<std::int64_t>(sum % kSecond);
  }
  double seconds() const { return static_cast<double>(seconds_) + static_cast<double>(nanoseconds_) / 1e9; }

 private:
  // GCC's extension; pedantic mode wants it marked.
  __extension__ using Wide = __int128;
  static constexpr std::int64_t kSecond = 1'000'000'000;

  std::int64_t seconds_ = 0, nanoseconds_ = 0;
};

}  // namespace harness

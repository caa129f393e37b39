#include "harness/engine/media3_bandwidth.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace harness {
namespace {

using namespace base::literals;

// The prior holds until either is reached.
constexpr base::Duration kEnoughTime = 2s;         // ELAPSED_MILLIS_FOR_ESTIMATE
constexpr base::ByteCount kEnoughBytes = 512_KiB;  // BYTES_TRANSFERRED_FOR_ESTIMATE

}  // namespace

void SlidingMedian::add(int weight, double value) {
  if (weight <= 0) return;
  weight = std::min(weight, heaviest_);
  total_ += weight;
  while (total_ > heaviest_) {
    Sample& oldest = samples_.front();
    const int excess = std::min(total_ - heaviest_, oldest.weight);
    oldest.weight -= excess;
    total_ -= excess;
    if (oldest.weight == 0) samples_.erase(samples_.begin());
  }
  if (samples_.size() == samples_.capacity()) samples_.reserve(samples_.size() + 3);  // seldom more than a dozen: not twice as many
  samples_.push_back({weight, static_cast<float>(value)});
}

int SlidingMedian::weight_up_to(float value) const {
  int sum = 0;
  for (const Sample& sample : samples_) sum += sample.value <= value ? sample.weight : 0;
  return sum;
}

std::optional<double> SlidingMedian::value() const {
  const Sample* median = nullptr;
  for (const Sample& sample : samples_) {
    const bool smaller = median == nullptr || sample.value < median->value;
    if (smaller && 2 * weight_up_to(sample.value) >= total_) median = &sample;
  }
  if (median == nullptr) return std::nullopt;
  return median->value;
}

void Media3Bandwidth::runs(TrackKind track, base::Instant first_byte, base::ByteCount received) {
  base::ByteCount& counted = counted_[index_of(track)];
  if (!runs_[index_of(track)]) {
    if (is_idle()) sample_began_ = first_byte;
    runs_[index_of(track)] = true;
    counted = {};
  }
  sample_bytes_ += received - counted;
  counted = received;
}

void Media3Bandwidth::ends(TrackKind track, base::Instant now) {
  if (!std::exchange(runs_[index_of(track)], false)) return;
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(now - sample_began_);
  total_time_ += took;
  total_bytes_ += sample_bytes_;
  if (took.count() <= 0) return;  // its bytes count with the next one's
  median_.add(static_cast<int>(std::sqrt(static_cast<double>(sample_bytes_.count()))),
              static_cast<double>(base::Bitrate::of(sample_bytes_, took).bps()));
  if (const auto median = median_.value(); median && (total_time_ >= kEnoughTime || total_bytes_ >= kEnoughBytes)) {
    estimate_ = base::Bitrate::bits_per_second(static_cast<std::int64_t>(*median));
    measured_ = true;
  }
  sample_began_ = now;
  sample_bytes_ = {};
}

}  // namespace harness

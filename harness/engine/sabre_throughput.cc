#include "harness/engine/sabre_throughput.h"

#include <algorithm>

namespace harness {
namespace {

constexpr double kDecay = 0.9, kLeastShare = 0.5;

// Bits of a segment at its declared rate.
double bits(const AbrSnapshot& snapshot, std::size_t rendition) {
  return static_cast<double>(snapshot.ladder[rendition].bps()) * base::to_seconds(snapshot.segment_duration);
}

}  // namespace

std::size_t highest_in_time(const AbrSnapshot& snapshot, base::Bitrate estimate) {
  const double rate = static_cast<double>(std::max<std::int64_t>(estimate.bps(), 1));
  const double time = base::to_seconds(snapshot.segment_duration - snapshot.latency);
  std::size_t choice = 0;
  while (choice + 1 < snapshot.ladder.size() && bits(snapshot, choice + 1) / rate <= time) ++choice;
  return choice;
}

std::size_t InsufficientBuffer::cap(const AbrSnapshot& snapshot, std::size_t choice) {
  const double safe_bits = share_ * base::to_seconds(snapshot.buffer - snapshot.latency) * static_cast<double>(snapshot.estimate.bps());
  share_ = std::max(share_ * kDecay, kLeastShare);
  for (std::size_t i = 0; i < choice; ++i) {
    if (bits(snapshot, i + 1) > safe_bits) return i;
  }
  return choice;
}

}  // namespace harness

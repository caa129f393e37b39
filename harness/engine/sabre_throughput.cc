#include "harness/engine/sabre_throughput.h"

#include <algorithm>

namespace harness::sabre {
namespace {

constexpr double kShareDecay = 0.9, kLeastShare = 0.5;  // low_buffer_safety_factor_init, low_buffer_safety_factor
constexpr double kGrace_ms = 500;                       // abandon_grace_time
constexpr double kTooLong = 1.8;                        // abandon_multiplier: times the segment's duration

}  // namespace

std::size_t highest_in_time(const Film& film, double kbps, double latency_ms) {
  std::size_t choice = 0;
  while (choice + 1 < film.kbps.size() && latency_ms + film.segment_ms * film.kbps[choice + 1] / kbps <= film.segment_ms) ++choice;
  return choice;
}

std::size_t InsufficientBuffer::cap(const Film& film, const Situation& situation, std::size_t choice) {
  const double safe_bits = share_ * (situation.level_ms - situation.latency_ms) * situation.kbps;
  share_ = std::max(share_ * kShareDecay, kLeastShare);
  for (std::size_t i = 0; i < choice; ++i) {
    if (film.kbps[i + 1] * film.segment_ms > safe_bits) return i;
  }
  return choice;
}

Choice Throughput::choose(const Situation& situation) {
  const std::size_t affordable = highest_in_time(film_, situation.kbps * safety_factor_, situation.latency_ms);
  return {.rendition = insufficient_buffer_.cap(film_, situation, affordable)};
}

std::optional<std::size_t> Throughput::give_up_for(const Download& download, const Situation& situation) {
  const double transfer_ms = download.ms - download.latency_ms;
  if (download.ms < kGrace_ms || transfer_ms <= 0) return std::nullopt;
  const double kbps = download.bits_here / transfer_ms, bits_left = download.bits - download.bits_here;
  if (download.ms + bits_left / kbps <= kTooLong * film_.segment_ms) return std::nullopt;
  const std::size_t choice = highest_in_time(film_, kbps * safety_factor_, situation.latency_ms);
  const double bits = download.bits * film_.kbps[choice] / film_.kbps[download.rendition];
  if (choice >= download.rendition || bits >= bits_left) return std::nullopt;
  return choice;
}

}  // namespace harness::sabre

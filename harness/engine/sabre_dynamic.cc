#include "harness/engine/sabre_dynamic.h"

namespace harness::sabre {
namespace {

constexpr double kLowBuffer_ms = 10'000;                    // low_buffer_threshold
constexpr double kTrustFrom_ms = 10'000, kBack_ms = 5'000;  // high_threshold, low_threshold of DynamicDash

}  // namespace

Choice Dynamic::choose(const Situation& situation) {
  const Choice by_buffer = by_buffer_.choose(situation), by_throughput = by_throughput_.choose(situation);
  if (trusts_buffer_)
    trusts_buffer_ = situation.level_ms >= kLowBuffer_ms || by_buffer.rendition >= by_throughput.rendition;
  else
    trusts_buffer_ = situation.level_ms > kLowBuffer_ms && by_buffer.rendition >= by_throughput.rendition;
  return trusts_buffer_ ? by_buffer : by_throughput;
}

std::optional<std::size_t> Dynamic::give_up_for(const Download& download, const Situation& situation) {
  return by_throughput_.give_up_for(download, situation);
}

Choice DynamicDash::choose(const Situation& situation) {
  trusts_buffer_ = trusts_buffer_ ? situation.level_ms >= kBack_ms : situation.level_ms > kTrustFrom_ms;
  return active().choose(situation);
}

std::optional<std::size_t> DynamicDash::give_up_for(const Download& download, const Situation& situation) {
  return active().give_up_for(download, situation);
}

}  // namespace harness::sabre

#include "harness/engine/dashjs_throughput.h"

#include <algorithm>
#include <cmath>

namespace harness::dashjs {
namespace {

constexpr double kWeightPerMillisecond = .0015;  // weightDownloadTimeMultiplicationFactor, Settings.js
constexpr double kThroughputSafety = 0.9;        // bandwidthSafetyFactor

}  // namespace

void Throughput::add(const Transfer& transfer) {
  const double ms = base::to_seconds(transfer.took) * 1000;
  if (ms <= 0 || transfer.bytes.count() <= 0) return;
  const double kbps = std::round(static_cast<double>(transfer.bytes.count()) * 8 / ms);
  const double weight = kWeightPerMillisecond * ms;
  fast_.add(weight, kbps);
  slow_.add(weight, kbps);
}

std::optional<double> Throughput::average() const {
  if (fast_.empty()) return std::nullopt;
  return std::round(std::min(fast_.value(), slow_.value()));
}

std::optional<double> Throughput::safe() const {
  const auto all = average();
  if (!all) return std::nullopt;
  return *all * kThroughputSafety;
}

Transfer TransferTimes::first(std::size_t rendition, base::Duration start, const Transfer& latest) {
  const auto start_ms = static_cast<std::uint32_t>(std::chrono::round<std::chrono::milliseconds>(start).count());
  for (std::size_t i = 0; i < std::min(noted_, entries_.size()); ++i) {
    const Entry& entry = entries_[i];
    if (entry.start_ms != start_ms || entry.rendition != rendition) continue;
    return {base::ByteCount::bytes(entry.bytes), std::chrono::microseconds{entry.took_us}};
  }
  entries_[noted_++ % entries_.size()] = {
      .start_ms = start_ms,
      .rendition = static_cast<std::uint32_t>(rendition),
      .bytes = static_cast<std::uint32_t>(latest.bytes.count()),
      .took_us = static_cast<std::uint32_t>(std::chrono::round<std::chrono::microseconds>(latest.took).count())};
  return latest;
}

}  // namespace harness::dashjs

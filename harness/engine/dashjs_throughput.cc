#include "harness/engine/dashjs_throughput.h"

#include <algorithm>
#include <cmath>

#include "harness/engine/ladder_change.h"

namespace harness::dashjs {
namespace {

constexpr double kWeightPerMillisecond = .0015;  // weightDownloadTimeMultiplicationFactor, Settings.js
constexpr double kThroughputSafety = 0.9;        // bandwidthSafetyFactor
constexpr std::uint32_t kRenditions = 512;       // more than any ladder has: kMostRungs in harness/player/ladder.h

}  // namespace

void Throughput::add(const Transfer& transfer) {
  const double ms = base::to_seconds(transfer.took) * 1000;
  if (ms <= 0 || transfer.bytes.count() <= 0) return;
  const double kbps = std::round(static_cast<double>(transfer.bytes.count()) * 8 / ms);
  const double weight = kWeightPerMillisecond * ms;
  fast_.add(weight, kbps);
  slow_.add(weight, kbps);
  average_ = std::round(std::min(fast_.value(), slow_.value()));
}

std::optional<double> Throughput::average() const { return fast_.empty() ? std::nullopt : std::optional{average_}; }

std::optional<double> Throughput::safe() const {
  const auto all = average();
  if (!all) return std::nullopt;
  return *all * kThroughputSafety;
}

void TransferTimes::on_ladder(const LadderChange& change) {
  for (std::size_t i = 0; i < std::min<std::size_t>(noted_, entries_.size()); ++i) {
    std::uint32_t& segment = entries_[i].segment;
    const std::uint32_t rendition = segment % kRenditions;
    segment += static_cast<std::uint32_t>(change.keeps(rendition) ? change.exact(rendition) : kRenditions - 1) - rendition;
  }
}

// Different for all renditions of all segments within two hours.
std::uint32_t TransferTimes::key_of(std::size_t rendition, base::Duration start) {
  return static_cast<std::uint32_t>(std::chrono::round<std::chrono::milliseconds>(start).count()) * kRenditions +
         static_cast<std::uint32_t>(rendition);
}

std::optional<Transfer> TransferTimes::find(std::size_t rendition, base::Duration start) const {
  const std::uint32_t segment = key_of(rendition, start);
  for (std::size_t i = 0; i < std::min<std::size_t>(noted_, entries_.size()); ++i) {
    const Entry& entry = entries_[i];
    if (entry.segment != segment) continue;
    return Transfer{base::ByteCount::bytes(entry.bytes), std::chrono::microseconds{entry.took_us}};
  }
  return std::nullopt;
}

Transfer TransferTimes::first(std::size_t rendition, base::Duration start, const Transfer& latest) {
  if (const auto known = find(rendition, start)) return *known;
  entries_[noted_++ % entries_.size()] = {
      .segment = key_of(rendition, start),
      .bytes = static_cast<std::uint32_t>(latest.bytes.count()),
      .took_us = static_cast<std::uint32_t>(std::chrono::round<std::chrono::microseconds>(latest.took).count())};
  return latest;
}

}  // namespace harness::dashjs

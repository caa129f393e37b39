#include "harness/engine/shaka_bandwidth.h"

#include <algorithm>
#include <cmath>

namespace harness::shaka {
namespace {

using namespace base::literals;

constexpr base::ByteCount kMinBytes = 16'000_B;        // abr.advanced.minBytes, player_configuration.js
constexpr base::ByteCount kMinTotalBytes = 128'000_B;  // abr.advanced.minTotalBytes
constexpr base::Duration kCacheLoad = 5ms;             // abr.cacheLoadThreshold
constexpr base::Duration kPartTime = 100ms;            // request_, http_fetch_plugin.js
constexpr base::ByteCount kPartBytes = 16'000_B;       // networking.minBytesForProgressEvents

}  // namespace

void Bandwidth::add(base::ByteCount size, base::Duration took) {
  if (took < kCacheLoad || size < kMinBytes) return;
  const double seconds = base::to_seconds(took);
  const double bps = static_cast<double>(size.count()) * 8 / seconds;
  sampled_ = sampled_ + size;
  fast_.add(seconds, bps);
  slow_.add(seconds, bps);
}

bool Bandwidth::is_good() const { return sampled_ >= kMinTotalBytes; }

base::Bitrate Bandwidth::estimate(base::Bitrate prior) const {
  if (!is_good()) return prior;
  return base::Bitrate::bits_per_second(std::llround(std::min(fast_.value(), slow_.value())));
}

bool ProgressMeter::ends_part(const Download& download) const {
  const Heed least = may_end_part(download);
  return download.latest >= least.from && download.received >= least.received;
}

Heed ProgressMeter::may_end_part(const Download& download) const {
  const bool same = download.asked == asked_;
  return {.from = (same ? since_ : download.asked) + kPartTime + base::Duration{1},
          .received = (same ? received_ : base::ByteCount{}) + kPartBytes};
}

std::optional<ProgressMeter::Part> ProgressMeter::part(const Download& download, bool complete) {
  if (!complete && !ends_part(download)) return std::nullopt;
  if (download.asked != asked_) {
    asked_ = since_ = download.asked;
    received_ = {};
  }
  const Part part{.size = download.received - received_, .took = download.latest - since_};
  since_ = download.latest;
  received_ = download.received;
  return part;
}

}  // namespace harness::shaka

#include "harness/engine/dashjs_abandon_rule.h"

#include <algorithm>
#include <cmath>

namespace harness::dashjs {
namespace {

using namespace std::chrono_literals;

constexpr double kDurationMultiplier = 1.8;  // abandonDurationMultiplier, Settings.js
constexpr base::Duration kShortest = 500ms;  // minSegmentDownloadTimeThresholdInMs
constexpr std::uint32_t kEvents = 6;         // minThroughputSamplesThreshold

}  // namespace

void AbandonRule::note(const Download& download) {
  if (download.asked != asked_ || events_ == 0) {
    asked_ = download.asked;
    first_ = download.latest;
    first_bytes_ = download.received;
  }
  events_ = download.reports;
  latest_ = download.latest;
  latest_bytes_ = download.received;
}

// The rate that is measured falls no faster than as if nothing more came.
base::Instant AbandonRule::judges_from(const Download& download, base::Instant now) const {
  if (download.asked != asked_ || events_ == 0) return now + kShortest;
  const base::Instant early = first_ + kShortest;
  if (!download.expected || download.duration.count() <= 0) return early;
  const double enough_kbps =
      static_cast<double>(download.expected->count()) * 8 / 1000 / (base::to_seconds(download.duration) * kDurationMultiplier);
  const double ms = static_cast<double>((latest_bytes_ - first_bytes_).count()) * 8 / (enough_kbps + 1);  // one more: it is rounded
  return std::max(early, first_ + base::Duration{static_cast<std::int64_t>(ms * 1e6)});
}

std::optional<std::size_t> AbandonRule::on_progress(const Download& download, const Ladder& ladder, double buffer_s, double stable_s) {
  note(download);
  if (buffer_s > stable_s || was_abandoned(download.start)) return std::nullopt;
  if (events_ < kEvents || download.latest - first_ <= kShortest || !download.expected) return std::nullopt;
  if (download.rendition == 0 || download.received >= *download.expected) return std::nullopt;
  const auto target = better(download, ladder);
  if (!target) return target;
  if (abandoned_.size() == kRemembered) abandoned_.erase(abandoned_.begin());
  abandoned_.push_back(download.start);
  return target;
}

// The rendition that the measured rate allows, if the whole of it is less than what is still to come.
std::optional<std::size_t> AbandonRule::better(const Download& download, const Ladder& ladder) const {
  const Transfer so_far = measured();
  const double ms = std::max(base::to_seconds(so_far.took) * 1000, 1.0);
  const double kbps = std::round(static_cast<double>(so_far.bytes.count()) * 8 / ms);
  const double total = static_cast<double>(download.expected->count());
  const double estimated_s = kbps > 0 ? total * 8 / kbps / 1000 : HUGE_VAL;
  if (estimated_s < base::to_seconds(download.duration) * kDurationMultiplier) return std::nullopt;
  const std::size_t target = optimal(ladder, kbps);
  const double remaining = static_cast<double>((*download.expected - download.received).count());
  if (remaining <= total * ladder[target] / ladder[download.rendition]) return std::nullopt;
  return target;
}

bool AbandonRule::was_abandoned(base::Duration start) const {
  return std::find(abandoned_.begin(), abandoned_.end(), start) != abandoned_.end();
}

}  // namespace harness::dashjs

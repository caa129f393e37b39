#include "harness/run/audience_sample.h"

#include <algorithm>
#include <utility>

namespace harness {

AudienceSample::AudienceSample(const Scenario& scenario) {
  for (const Cohort& cohort : scenario.cohorts) {
    const auto found = std::find(devices_.begin(), devices_.end(), cohort.device);
    device_of_cohort_.push_back(static_cast<std::size_t>(found - devices_.begin()));
    if (found == devices_.end()) devices_.push_back(cohort.device);
  }
  tallies_.resize(devices_.size());
}

void AudienceSample::count(std::size_t cohort, const PlayerStatus& status) {
  Tally& tally = tallies_[device_of_cohort_[cohort]];
  ++tally.active;
  tally.starting += status.state == PlayerState::kStarting ? 1 : 0;
  tally.stalled += status.state == PlayerState::kStalled ? 1 : 0;
  tally.paused += status.state == PlayerState::kPaused ? 1 : 0;
  const bool is_playing = status.state == PlayerState::kPlaying;
  if (is_playing || status.state == PlayerState::kStalled || status.state == PlayerState::kPaused)
    tally.buffer += base::to_seconds(status.buffer);
  if (!is_playing) return;
  ++tally.playing;
  tally.bitrate += static_cast<double>(status.rendition.bps());
  ++renditions_[status.rendition];
}

AudienceSample::Tally AudienceSample::Tally::times(std::size_t weight) const {
  const auto many = static_cast<std::uint32_t>(weight);
  return {.active = active * many,
          .starting = starting * many,
          .playing = playing * many,
          .stalled = stalled * many,
          .paused = paused * many,
          .bitrate = bitrate * many,
          .buffer = buffer * many};
}

AudienceSample::Rows AudienceSample::take(double at, std::size_t weight) {
  Rows rows;
  rows.all.at = at;
  for (std::size_t i = 0; i < devices_.size(); ++i) {
    const Tally tally = std::exchange(tallies_[i], {}).times(weight);
    reports::DeviceSeriesRow row{.at = at, .device = devices_[i]};
    row.active = tally.active, row.starting = tally.starting, row.playing = tally.playing;
    row.stalled = tally.stalled, row.paused = tally.paused;
    if (tally.playing > 0) row.bitrate = tally.bitrate / tally.playing;
    if (const auto shown = tally.playing + tally.stalled + tally.paused; shown > 0) row.buffer = tally.buffer / shown;
    rows.all.active += tally.active, rows.all.starting += tally.starting, rows.all.playing += tally.playing;
    rows.all.stalled += tally.stalled, rows.all.paused += tally.paused, rows.all.bitrate += tally.bitrate;
    rows.devices.push_back(std::move(row));
  }
  if (rows.all.playing > 0) rows.all.bitrate /= rows.all.playing;
  for (const auto& [rendition, sessions] : std::exchange(renditions_, {}))
    rows.all.renditions.emplace(std::to_string(rendition.bps()), sessions * static_cast<std::uint32_t>(weight));
  return rows;
}

}  // namespace harness

// DashSource: one manifest holds everything; a dynamic one is asked for again and goes by the UTC clock.
#pragma once

#include "harness/player/dash_tracks.h"
#include "harness/player/source.h"

namespace harness {

class DashSource final : public Source {
 public:
  explicit DashSource(const PlayerConfig& config) : config_{config} {}

  std::optional<base::Instant> due(Slot slot) const override;
  std::string url(Slot) const override { return config_.manifest_url; }
  base::Result<void> receive(const Listing& listing) override;
  const std::vector<LadderRung>& ladder() const override { return ladder_; }
  std::size_t first_listed() const override { return first_of(tracks_.ladder); }
  bool is_listed(std::size_t) const override { return true; }
  void select(std::size_t rendition, base::Instant) override { selected_ = rendition; }
  bool has_audio() const override { return tracks_.audio.has_value(); }
  const Track* track(TrackKind kind) const override;
  std::string absolute(TrackKind kind, const std::string& uri) const override;
  bool is_ended(TrackKind) const override { return !dynamic_ || (!update_period_ && bounded_); }
  base::Duration clock(base::Instant now) const override;
  base::Duration window_start(TrackKind kind, base::Instant now) const override;
  base::Duration start_position(base::Instant now) const override;
  base::Duration live_delay() const override;
  base::Duration target_duration() const override;
  std::optional<base::UtcTime> zero() const override { return zero_; }
  bool is_stale(base::Instant now) const override;

 private:
  void take(const media::DashManifest& manifest, const Listing& listing);
  const Track& listed(TrackKind kind) const { return kind == TrackKind::kAudio ? *tracks_.audio : tracks_.video[selected_]; }

  const PlayerConfig& config_;
  DashTracks tracks_;
  std::vector<LadderRung> ladder_;
  std::string base_url_;
  std::size_t selected_ = 0;
  bool dynamic_ = false, bounded_ = false;
  std::optional<base::Duration> update_period_, depth_, suggested_delay_;
  std::optional<base::UtcTime> zero_;  // availabilityStartTime
  base::Instant asked_{}, edge_moved_{};
  base::Duration edge_{};
  std::size_t fingerprint_ = 0;
};

}  // namespace harness

// DashSource: one manifest holds everything, but for the segment index of files with one; a dynamic manifest is asked for again and goes
// by the UTC clock: by what a UTCTiming answers once, at the start, or else by our own.
#pragma once

#include "harness/player/dash_tracks.h"
#include "harness/player/source.h"

namespace harness {

class DashSource final : public Source {
 public:
  explicit DashSource(const PlayerConfig& config) : config_{config} {}

  std::optional<base::Instant> due(Slot slot) const override;
  ListingRequest request(Slot slot) const override;
  base::Result<void> receive(const Listing& listing) override;
  bool does_without(Slot slot) override;
  std::size_t other_places(Slot slot) const override;
  void move_on(Slot slot) override;
  const std::vector<LadderRung>& ladder() const override { return ladder_; }
  std::size_t first_listed() const override { return first_of(tracks_.ladder); }
  bool is_listed(std::size_t rendition) const override { return rendition < tracks_.video.size() && !tracks_.video[rendition].unread(); }
  void select(std::size_t rendition, base::Instant) override { selected_ = rendition; }
  bool has_audio() const override { return tracks_.audio.has_value(); }
  const Track* track(TrackKind kind) const override;
  std::string absolute(TrackKind kind, const Segment& segment, const std::string& uri) const override;
  bool is_ended(TrackKind) const override { return !dynamic_ || (!update_period_ && bounded_); }
  base::Duration clock(base::Instant now) const override;
  base::Duration window_start(TrackKind kind, base::Instant now) const override;
  base::Duration start_position(base::Instant now) const override;
  base::Duration live_delay() const override;
  base::Duration target_duration() const override;
  std::optional<base::UtcTime> zero() const override { return zero_ ? std::optional{*zero_ - clock_ahead_} : std::nullopt; }
  bool is_stale(base::Instant now) const override;

 private:
  base::Result<void> receive_manifest(const Listing& listing);
  base::Result<void> receive_index(TrackKind kind, const Listing& listing);
  base::Result<void> receive_clock(const Listing& listing);
  void take(const media::DashManifest& manifest, const Listing& listing);
  void take_places(const media::DashManifest& manifest, const Listing& listing);
  void take_clocks(const media::DashManifest& manifest, const Listing& listing);
  bool is_asking_the_time() const { return dynamic_ && !clocks_.empty(); }
  Track& listed(TrackKind kind) { return kind == TrackKind::kAudio ? *tracks_.audio : tracks_.video[selected_]; }
  const Track& listed(TrackKind kind) const { return kind == TrackKind::kAudio ? *tracks_.audio : tracks_.video[selected_]; }

  const PlayerConfig& config_;
  DashTracks tracks_;
  std::vector<LadderRung> ladder_;
  std::string manifest_url_;            // for updates; empty: the one we were given
  std::vector<std::string> base_urls_;  // MPD level, absolute; never empty once there is a ladder
  std::array<std::size_t, 2> moves_{};  // to other places, by track
  struct Clock {
    std::string url;
    bool by_header = false;  // HEAD, Date
  };
  std::vector<Clock> clocks_;     // still to be asked, the first first; none: the time is settled
  base::Duration clock_ahead_{};  // of ours
  std::size_t selected_ = 0;
  bool dynamic_ = false, bounded_ = false;
  std::optional<base::Duration> update_period_, depth_, suggested_delay_;
  std::optional<base::UtcTime> zero_;  // availabilityStartTime
  base::Instant asked_{}, edge_moved_{};
  base::Duration edge_{};
  std::size_t fingerprint_ = 0;
};

}  // namespace harness

// HlsSource: a multivariant playlist, the selected variant's media playlist and the audio playlist, reloaded while the stream is live.
#pragma once

#include "harness/player/hls_master.h"
#include "harness/player/hls_track.h"
#include "harness/player/shared_listings.h"
#include "harness/player/source.h"

namespace harness {

class HlsSource final : public Source {
 public:
  HlsSource(const PlayerConfig& config, const EngineTraits& traits, SharedListings& shared);

  std::optional<base::Instant> due(Slot slot) const override;
  ListingRequest request(Slot slot) const override;
  base::Result<void> receive(const Listing& listing) override;
  std::size_t other_places(Slot slot) const override;
  void move_on(Slot slot) override;
  const std::vector<LadderRung>& ladder() const override { return manifest_->ladder; }
  std::size_t first_listed() const override { return first_of(manifest_->master.ladder); }
  bool is_listed(std::size_t rendition) const override { return rendition < video_.size() && known(rendition).place; }
  void select(std::size_t rendition, base::Instant now) override;
  bool has_audio() const override { return !manifest_->master.audio_url.empty(); }
  const Track* track(TrackKind kind) const override;
  base::SharedText segment_url(TrackKind kind, const Segment& segment) const override;
  base::SharedText init_url(TrackKind kind, const Segment& segment) const override;
  bool is_ended(TrackKind kind) const override;
  base::Duration clock(base::Instant) const override { return kForever; }
  base::Duration window_start(TrackKind kind, base::Instant now) const override;
  base::Duration start_position(base::Instant now) const override;
  base::Duration live_delay() const override;
  bool names_live_delay() const override { return playlist(TrackKind::kVideo).said().hold_back.has_value(); }
  bool does_without(Slot slot) override;
  bool is_independent() const override { return manifest_->independent || playlist(TrackKind::kVideo).said().independent; }
  void read(base::Instant now) override;
  base::Duration target_duration() const override { return playlist(TrackKind::kVideo).said().target; }
  std::optional<base::UtcTime> zero() const override { return zero_; }
  std::optional<base::Instant> stale_from() const override;

 private:
  struct Playlist {
    std::shared_ptr<const HlsPlace> place;  // null: never loaded
    Track track;                            // of the listing, in its place
    bool ended = false;                     // as it says itself
    bool outdated = false;                  // to be reloaded before segments are taken from it
    bool blocks = false;                    // the next request names the segment that follows, and is held until it is there
    base::Instant asked{}, arrived{}, reload_at{};
    const HlsListing& said() const { return place ? *place->said : nothing(); }
    static const HlsListing& nothing();
  };
  void block(Playlist& playlist, bool changed);
  base::Result<void> receive_manifest(const Listing& listing);
  base::Result<void> receive_playlist(TrackKind kind, const Listing& listing);
  void take(TrackKind kind, std::shared_ptr<const HlsPlace> place, const Listing& listing);
  base::Result<HlsPlace> place_of(const base::SharedText& body, const base::SharedText& url, const Playlist& before);
  void schedule(Playlist& playlist, const Listing& listing, bool changed);
  bool starts_live() const;
  Playlist& playlist(TrackKind kind) { return kind == TrackKind::kAudio ? audio_ : video_[selected_].filled(); }
  base::SharedText place(Slot slot) const;
  base::SharedText url_of(const Listing& listing) const;
  const Playlist& playlist(TrackKind kind) const { return kind == TrackKind::kAudio ? audio_ : known(selected_); }
  const Playlist& known(std::size_t rung) const { return video_[rung] ? *video_[rung] : no_playlist(); }
  static const Playlist& no_playlist();

  const PlayerConfig& config_;
  const EngineTraits& traits_;
  SharedListings& shared_;
  std::shared_ptr<const HlsManifest> manifest_;
  std::array<std::uint32_t, 2> moves_{};         // to other places, by track
  std::vector<base::Boxed<Playlist>> video_{1};  // by rung; of those never asked for there is none
  Playlist audio_;
  std::uint32_t selected_ = 0;
  std::uint32_t previous_ = 0;  // selected before
  base::CompactOptional<base::UtcTime> zero_;
  base::Duration edge_{};
  base::Instant edge_moved_{};
};

}  // namespace harness

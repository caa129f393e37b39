// DashSource: one manifest holds everything, but for the segment index of files with one; a dynamic manifest is asked for again and goes
// by the UTC clock: by what a UTCTiming answers once, at the start, or else by our own.
#pragma once

#include <utility>

#include "base/boxed.h"
#include "harness/player/dash_stream.h"
#include "harness/player/shared_listings.h"
#include "harness/player/source.h"

namespace harness {

class DashSource final : public Source {
 public:
  DashSource(const PlayerConfig& config, const EngineTraits& traits, SharedListings& shared);

  std::optional<base::Instant> due(Slot slot) const override;
  ListingRequest request(Slot slot) const override;
  base::Result<void> receive(const Listing& listing) override;
  bool does_without(Slot slot) override;
  std::size_t other_places(Slot slot) const override;
  void move_on(Slot slot) override;
  const std::vector<LadderRung>& ladder() const override { return stream_->ladder; }
  base::Boxed<LadderChange> take_ladder_change() override { return std::exchange(ladder_change_, {}); }
  std::size_t first_listed() const override { return first_of(stream_->tracks.ladder); }
  bool is_listed(std::size_t rendition) const override { return rendition < video().size() && !video()[rendition].unread(); }
  void select(std::size_t rendition, base::Instant) override { selected_ = rendition; }
  bool has_audio() const override { return audio().has_value(); }
  const Track* track(TrackKind kind) const override;
  base::SharedText segment_url(TrackKind kind, const Segment& segment) const override;
  base::SharedText init_url(TrackKind kind, const Segment& segment) const override;
  bool is_ended(TrackKind) const override { return !stream_->dynamic || (!stream_->update_period && stream_->bounded); }
  base::Duration clock(base::Instant now) const override;
  base::Duration window_start(TrackKind kind, base::Instant now) const override;
  base::Duration start_position(base::Instant now) const override;
  base::Duration live_delay() const override;
  base::Duration target_duration() const override;
  std::optional<base::UtcTime> zero() const override;
  std::optional<base::Instant> stale_from() const override;

 private:
  std::string absolute(TrackKind kind, const Segment& segment, const std::string& uri) const;
  base::Result<void> receive_manifest(const Listing& listing);
  base::Result<void> receive_index(TrackKind kind, const Listing& listing);
  base::Result<void> receive_clock(const Listing& listing);
  void take(std::shared_ptr<const DashStream> stream, const Listing& listing);
  bool is_known() const { return !ladder().empty(); }
  bool is_asking_the_time() const { return stream_->dynamic && !clocks_.empty(); }
  const std::vector<Track>& video() const { return read_ ? read_->video : stream_->tracks.video; }
  const std::optional<Track>& audio() const { return read_ ? read_->audio : stream_->tracks.audio; }
  const Track& listed(TrackKind kind) const { return kind == TrackKind::kAudio ? *audio() : video()[selected_]; }

  const PlayerConfig& config_;
  const EngineTraits& traits_;
  SharedListings& shared_;
  std::shared_ptr<const DashStream> stream_;
  struct Tracks {
    std::vector<Track> video;
    std::optional<Track> audio;
  };
  base::Boxed<Tracks> read_;            // those of stream_ with what their indexes say, once one was read
  std::array<std::size_t, 2> moves_{};  // to other places, by track
  std::vector<DashClock> clocks_;       // still to be asked, the first first; none: the time is settled
  base::Duration clock_ahead_{};        // of ours
  std::size_t selected_ = 0;
  base::Boxed<LadderChange> ladder_change_;
  base::Instant asked_{}, edge_moved_{};
  base::Duration edge_{};
};

}  // namespace harness

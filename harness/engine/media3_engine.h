// Media3Engine: Media3 (ExoPlayer) 1.11.0 with its default load control, track selection, bandwidth meter, error policy and live speed,
// from its source; no recording of it exists (docs/engines/media3.md). HLS and DASH.
//
// One loader a track, one segment at a time; the loader that is further behind goes first, so that the tracks stay within a segment of
// each other (CompositeSequenceableLoader.java). No running download is given up for another quality (BaseTrackSelection.java).
#pragma once

#include "base/compact_optional.h"
#include "harness/engine/engine.h"
#include "harness/engine/media3_bandwidth.h"
#include "harness/engine/media3_exclusions.h"
#include "harness/engine/media3_live_speed.h"
#include "harness/engine/media3_track_selection.h"

namespace harness {

class Media3Engine final : public Engine {
 public:
  explicit Media3Engine(const Device& device);

  const EngineTraits& traits() const override;
  // The first variant's playlist prepares the source; the choice follows (InitializationTrackSelection, HlsChunkSource.java).
  std::size_t start_rendition(const PlayerView& view) override { return view.first_listed(); }
  Next next(TrackKind kind, const PlayerView& view) override;
  std::optional<base::Instant> wake(const PlayerView& view) const override;
  Remedy remedy(const FailedRequest& request, const PlayerView& view) override;
  double playback_rate(const PlayerView& view) override;
  base::Instant quiet_until(const PlayerView& view) const override;
  bool judges_progress(const PlayerView& view) const override;
  bool note_progress(const Download& download, const PlayerView& view) override;
  void on_progress(const Download& download, const PlayerView& view) override;
  void on_download(const Download& download, const PlayerView& view) override;
  void on_abort(const Download& download, const PlayerView& view) override;
  void on_ladder(const LadderChange& change, const PlayerView& view) override;
  void on_state(PlayerState entered, const PlayerView& view) override;
  std::optional<base::Bitrate> throughput() const override;

 private:
  Load choose(base::Duration from, const PlayerView& view);
  bool overlaps(const PlayerView& view) const { return !queues_[0].empty() && !view.is_independent(); }
  std::optional<std::size_t> previous() const { return queues_[0].empty() ? selected_ : queues_[0].last_rendition(); }
  std::optional<base::Duration> cut(const PlayerView& view);
  Pause rest(base::Duration ahead, const PlayerView& view) const;
  base::ByteCount held(const PlayerView& view) const;
  base::Instant quiet_until(TrackKind waiting, const PlayerView& view) const;
  base::Instant choice_lasts_until(const PlayerView& view) const;
  Media3Situation situation(base::Duration from, const PlayerView& view) const;
  Media3Situation situation_of_choice(base::Duration from, const PlayerView& view) const;
  static bool is_steered(const PlayerView& view) { return view.is_live() && view.names_live_delay(); }
  bool begins_to_grow(const PlayerView& view) const;

  StreamingProtocol protocol_;
  Media3Bandwidth bandwidth_;
  Media3Errors errors_;
  Media3LiveSpeed live_speed_;
  std::array<Media3Queue, 2> queues_;
  base::CompactOptional<std::size_t> selected_;
  base::CompactOptional<base::Duration> edge_;        // as the choice before this one saw it
  base::CompactOptional<base::Instant> looked_over_;  // the queue, for a cut
  base::Duration looked_over_at_{};                   // its last segment then
};

}  // namespace harness

// ShakaEngine: Shaka Player 5.2.12 with its default settings, abr.useNetworkInformation off. The rules stand in the other shaka_ files;
// this one knows when Shaka applies them: each track by its own update loop (lib/media/streaming_engine.js), the choice of the variant
// with each progress event of either track (lib/abr/simple_abr_manager.js).
#pragma once

#include <array>
#include <vector>

#include "base/compact_optional.h"
#include "harness/engine/engine.h"
#include "harness/engine/idle_looks.h"
#include "harness/engine/shaka_bandwidth.h"
#include "harness/engine/shaka_caption_probe.h"
#include "harness/engine/shaka_variant_rule.h"

namespace harness {

class ShakaEngine final : public Engine {
 public:
  explicit ShakaEngine(const Device& device);
  const EngineTraits& traits() const override;
  std::size_t start_rendition(const PlayerView& view) override;
  Next next(TrackKind kind, const PlayerView& view) override;
  bool gives_up(const Download& download, const PlayerView& view) override;
  Remedy remedy(const FailedRequest& request, const PlayerView& view) override;
  base::Instant quiet_until(const PlayerView& view) const override;
  bool judges_progress(const PlayerView&) const override { return true; }
  bool note_progress(const Download& download, const PlayerView& view) override;
  Heed heeds_from(const Download& download, const PlayerView& view) const override;
  void on_progress(const Download& download, const PlayerView& view) override;
  void on_download(const Download& download, const PlayerView& view) override;
  void on_abort(const Download& download, const PlayerView& view) override;
  void on_ladder(const LadderChange& change, const PlayerView& view) override;
  std::optional<base::Bitrate> throughput() const override;

 private:
  struct Track {
    shaka::ProgressMeter segment, init;
    base::Instant update_at{};                     // of its loop
    IdleLooks looks;                               // while it finds the buffer full
    base::Duration last_segment{};                 // duration of the last one that arrived; zero: none
    base::CompactOptional<base::Duration> resume;  // where loading goes on after a segment that was not kept
  };
  Track& track(TrackKind kind) { return tracks_[index_of(kind)]; }
  bool is_probing(const PlayerView& view) const { return view.device().protocol == StreamingProtocol::kHls && !probe_.is_done(); }
  std::optional<Next> begin(TrackKind kind, const PlayerView& view);
  Next load(TrackKind kind, const PlayerView& view);
  bool is_at_edge(TrackKind kind, const PlayerView& view) const;
  base::Duration time_needed(TrackKind kind, const PlayerView& view) const;
  base::Duration from(TrackKind kind, const PlayerView& view) const;
  void measure(const Download& download, bool complete, const PlayerView& view);
  void suggest(const PlayerView& view);
  std::vector<shaka::Variant> variants_of(const std::vector<LadderRung>& ladder) const;
  std::size_t choose(const PlayerView& view) const;
  base::Duration poll(const PlayerView& view) const;
  base::Instant next_look(TrackKind kind, const PlayerView& view) const;
  bool runs_ahead(TrackKind kind, const PlayerView& view) const;
  void note_longest(const PlayerView& view);

  StreamingProtocol protocol_;
  base::Bitrate prior_;
  shaka::Bandwidth bandwidth_;
  shaka::SwitchInterval interval_;
  std::vector<shaka::Variant> variants_;
  base::Bitrate audio_rate_;  // of each variant
  std::array<Track, 2> tracks_;
  shaka::CaptionProbe probe_;
  std::size_t chosen_ = 0;
  std::size_t selected_ = 0;  // what was loaded last
  base::Duration longest_segment_{};
};

}  // namespace harness

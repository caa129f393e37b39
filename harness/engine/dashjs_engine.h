// DashJsEngine: dash.js 5.2.1 with its default settings, DASH, in a browser. This file schedules requests and carries out switches
// (controllers/ScheduleController.js, StreamProcessor.js); dashjs_abr.h chooses renditions; each rule is a file of its own.
//
//   timer runs out ─▶ buffer full? ─ yes ─▶ timer: 500 ms
//                          └ no ─▶ another rendition? ─ yes ─▶ timer: at once, not asked again before the next segment
//                                        └ no ─▶ init if the rendition is new, segment ─▶ appended ─▶ timer: at once
#pragma once

#include <array>

#include "base/compact_optional.h"
#include "harness/engine/dashjs_abr.h"
#include "harness/engine/dashjs_buffer_levels.h"
#include "harness/engine/engine.h"
#include "harness/engine/idle_looks.h"

namespace harness {

class DashJsEngine final : public Engine {
 public:
  const EngineTraits& traits() const override;
  std::size_t start_rendition(const PlayerView& view) override;
  Next next(TrackKind kind, const PlayerView& view) override;
  bool gives_up(const Download& download, const PlayerView& view) override;
  Remedy remedy(const FailedRequest& request, const PlayerView& view) override;

  base::Instant quiet_until(const PlayerView& view) const override;
  bool note_progress(const Download& download, const PlayerView& view) override;
  void on_progress(const Download& download, const PlayerView& view) override;
  void on_download(const Download& download, const PlayerView& view) override;
  void on_abort(const Download& download, const PlayerView& view) override;
  void on_ladder(const LadderChange& change, const PlayerView&) override { abr_.on_ladder(change); }
  void on_manifest(const PlayerView&) override { abr_.on_manifest(); }
  void on_state(PlayerState entered, const PlayerView& view) override;
  std::optional<base::Bitrate> throughput() const override;

 private:
  struct Schedule {
    base::Instant timer;                         // runs out
    IdleLooks looks;                             // while it finds the buffer full
    base::CompactOptional<base::Duration> from;  // instead of behind the last segment asked for
    base::Duration fragment{};                   // fragmentDuration: of the first segment
  };
  bool should_buffer(TrackKind kind, const PlayerView& view) const;
  base::Instant falls(TrackKind kind, const PlayerView& view) const;  // the level, below what is wanted
  base::Instant next_look(TrackKind kind, const PlayerView& view) const;
  base::Duration buffer_target(const PlayerView& view) const;
  bool changes_quality(const PlayerView& view);
  base::Duration position(TrackKind kind, const PlayerView& view) const;
  base::Duration stable_buffer(const PlayerView& view) const;
  dashjs::Abr::Moment moment(const PlayerView& view, double level_s) const;
  dashjs::Abr::Moment moment(const PlayerView& view) const { return moment(view, levels_.at(TrackKind::kVideo, view)); }
  Schedule& schedule(TrackKind kind) { return schedules_[index_of(kind)]; }
  const Schedule& schedule(TrackKind kind) const { return schedules_[index_of(kind)]; }

  dashjs::Abr abr_;
  dashjs::BufferLevels levels_;
  std::array<Schedule, 2> schedules_;
  std::array<bool, 2> repeats_{};  // the last request of the track failed and is made again as it was
  bool checks_quality_ = true;     // before the next request for video
  bool gives_up_ = false;          // the running video segment
  bool has_played_ = false;
};

}  // namespace harness

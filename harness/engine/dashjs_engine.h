// DashJsEngine: dash.js 5.2.1 with its default settings, DASH, in a browser. This file schedules (controllers/ScheduleController.js,
// StreamProcessor.js) and carries out switches (controllers/AbrController.js); a rule is a file of its own.
//
//   timer runs out ─▶ buffer full? ─ yes ─▶ timer: 500 ms
//                          └ no ─▶ another rendition? ─ yes ─▶ timer: at once, not asked again before the next segment
//                                        └ no ─▶ init if the rendition is new, segment ─▶ appended ─▶ timer: at once
#pragma once

#include <array>

#include "harness/engine/dashjs_abandon_rule.h"
#include "harness/engine/dashjs_bola.h"
#include "harness/engine/dashjs_buffer_levels.h"
#include "harness/engine/dashjs_insufficient_buffer_rule.h"
#include "harness/engine/dashjs_switch_history_rule.h"
#include "harness/engine/dashjs_throughput.h"
#include "harness/engine/engine.h"

namespace harness {

class DashJsEngine final : public Engine {
 public:
  DashJsEngine() = default;
  const EngineTraits& traits() const override;
  std::size_t start_rendition(const PlayerView& view) override;
  Next next(TrackKind kind, const PlayerView& view) override;
  bool gives_up(const Download& download, const PlayerView& view) override;
  Remedy remedy(const FailedRequest& request, const PlayerView& view) override;

  void on_progress(const Download& download, const PlayerView& view) override;
  void on_download(const Download& download, const PlayerView& view) override;
  void on_abort(const Download& download, const PlayerView& view) override;
  void on_manifest(const PlayerView&) override { bola_.forget(); }  // handleNewMediaInfo, BolaRule.js
  void on_state(PlayerState entered, const PlayerView& view) override;
  std::optional<base::Bitrate> throughput() const override;

 private:
  struct Schedule {
    base::Instant timer;                 // runs out
    bool checks_quality = true;          // before the next request
    bool repeats = false;                // the last request failed and is made again as it was
    std::optional<base::Duration> from;  // instead of behind the last segment asked for
    base::Duration fragment{};           // fragmentDuration: of the first segment
  };
  bool should_buffer(TrackKind kind, const PlayerView& view) const;
  base::Duration buffer_target(const PlayerView& view) const;
  double buffer_time(const PlayerView& view) const;
  bool changes_quality(const PlayerView& view);
  void replace_buffer_from_playhead(const PlayerView& view);
  std::optional<std::size_t> decide(const PlayerView& view, double level_s);
  std::optional<std::size_t> main_rule(const PlayerView& view, double level_s);
  void note_level(double level_s, const PlayerView& view);
  void note_segment(const Download& download, const PlayerView& view);
  bool may_rise(const PlayerView& view) const { return view.now() >= abandoned_until_; }
  Schedule& schedule(TrackKind kind) { return schedules_[index_of(kind)]; }

  dashjs::Ladder ladder_;
  std::size_t current_ = 0;
  std::array<Schedule, 2> schedules_;
  base::Duration load_delay_{};            // of the next request
  base::Instant abandoned_until_{};        // upward switches are blocked
  std::optional<std::size_t> abandon_to_;  // the running segment is to be given up for this rendition
  bool uses_bola_ = false;
  bool is_empty_ = false;  // the buffer's state
  bool has_played_ = false;
  dashjs::BufferLevels levels_;
  dashjs::Throughput throughput_;
  dashjs::TransferTimes times_;
  dashjs::Bola bola_;
  dashjs::InsufficientBufferRule insufficient_buffer_;
  dashjs::SwitchHistoryRule switch_history_;
  dashjs::AbandonRule abandon_;
};

}  // namespace harness

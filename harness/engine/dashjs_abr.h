// dashjs::Abr: which video rendition dash.js 5.2.1 plays (controllers/AbrController.js, rules/abr/ABRRulesCollection.js): it asks the
// rules, all of one priority, and takes the lowest rendition that any of them names.
#pragma once

#include <cstdint>
#include <utility>

#include "harness/engine/dashjs_abandon_rule.h"
#include "harness/engine/dashjs_bola.h"
#include "harness/engine/dashjs_insufficient_buffer_rule.h"
#include "harness/engine/dashjs_switch_history_rule.h"
#include "harness/engine/dashjs_throughput.h"

namespace harness::dashjs {

class Abr {
 public:
  // The player at the time of a question.
  struct Moment {
    Ladder ladder;
    base::Instant now;
    double level_s = 0;        // video
    double buffer_time_s = 0;  // bufferTimeDefault, in live streams no more than the live delay
    double segment_s = 0;
    bool live = false;
    bool begun = false;  // the playhead has moved
  };
  // Before anything else.
  void begin(const Ladder& ladder, double initial_kbps) { current_ = static_cast<std::uint32_t>(optimal(ladder, initial_kbps)); }
  std::size_t current() const { return current_; }
  // Before a request. True: current() is another one now.
  bool changes(const Moment& moment);
  // Before that request; told once.
  base::Duration take_delay() { return std::exchange(delay_, base::Duration{}); }
  // Not for a while after a segment was given up.
  bool may_rise(base::Instant now) const { return now >= blocked_until_; }

  // News. Whether the running segment is to be given up:
  bool on_progress(const Download& download, const Moment& moment);
  base::Instant judges_from(const Download& download, base::Instant now) const { return abandon_.judges_from(download, now); }
  void note_progress(const Download& download) { abandon_.note(download); }
  void on_abort(const Download& download, const Moment& moment);
  void on_segment(const Download& download, const Moment& before_it);  // before it is appended
  void on_level(const Moment& moment);
  void on_seek();
  void on_ladder(const LadderChange& change);
  void on_manifest() { bola_.forget(); }  // handleNewMediaInfo, BolaRule.js

  const Throughput& throughput() const { return throughput_; }

 private:
  std::optional<std::size_t> decide(const Moment& moment);
  std::optional<std::size_t> by_throughput(const Moment& moment);
  std::optional<std::size_t> by_buffer(const Moment& moment);

  std::uint32_t current_ = 0, abandon_to_ = 0;  // renditions
  base::Duration delay_{};
  base::Instant blocked_until_{};
  Throughput throughput_;
  TransferTimes times_;
  Bola bola_;
  InsufficientBufferRule insufficient_buffer_;
  SwitchHistoryRule switch_history_;
  bool uses_bola_ = false;
  bool is_empty_ = false;  // the buffer's state
  AbandonRule abandon_;
};

}  // namespace harness::dashjs

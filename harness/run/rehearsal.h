// Rehearsal: the phases of a run after preflight (warmup, live, recovery) on a Stage, real or virtual; it writes the journal as it
// goes and leaves everything that reports need in the store. Runs on the stage's timeline; the driver turns the loop.
//
//   kIdle --begin--> kWarmup --probes play--> kLive --duration over--> kRecovery --drills recovered or 20 s--> kDone
//                       '--a probe fails--> kDone (run failed)       fail(), interrupt(): from any state to kDone
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/histogram.h"
#include "harness/audience/audience.h"
#include "harness/behaviour/viewer_behaviour.h"
#include "harness/kpi/kpi_fold.h"
#include "harness/run/audience_sample.h"
#include "harness/run/drill_board.h"
#include "harness/run/journal.h"
#include "harness/run/link_ledger.h"
#include "harness/run/progress_line.h"
#include "harness/run/stage.h"
#include "harness/run/viewer.h"
#include "harness/transport/browser_cache.h"

namespace harness {

class Rehearsal final : private ViewerObserver {
 public:
  enum class Phase { kIdle, kWarmup, kLive, kRecovery, kDone };

  // The references must outlive the rehearsal. `about` brings world, version and start time; the run's row is stored at once, so that
  // a run that is killed still has its name and seed.
  Rehearsal(const Scenario& scenario, Stage& stage, reports::RunStoreWriter& store, ProgressLine& progress, reports::RunRow about);
  ~Rehearsal();

  void begin();
  bool done() const { return phase_ == Phase::kDone; }
  // Ends the run at once; what was seen so far is kept.
  void interrupt();
  void fail(const std::string& reason);
  Journal& journal() { return journal_; }

  // Closeout: KPIs, gates and the verdict go into the store. Requires: done().
  void close();

 private:
  class Warmup;
  struct Seat {
    std::unique_ptr<Viewer> viewer;  // of the present visit; empty before the arrival and after the end
    std::unique_ptr<ViewerBehaviour> behaviour;
    std::optional<Visit> next;  // the visit ended and this one is to begin
    base::Timer turn;
    std::uint32_t session = 0;  // the first visit's is the viewer's number; later ones are numbered as they come
    std::uint32_t channel = 0;
    double planned_at = 0, began_at = 0;
    std::vector<double> stalls, seeks;
  };

  void on_note(base::ViewerId viewer, base::Instant at, const Telemetry& what) override;
  void on_finish(base::ViewerId viewer, base::Instant at, const Finish& how) override;
  void on_lateness(base::Duration late) override { start_lateness_.add(base::to_seconds(late)); }

  void enter(Phase phase);
  void go_live();
  void schedule_next_arrival();
  void arrive(const SessionPlan& plan);
  void visit(const SessionPlan& plan, Visit visit);
  void turn(const SessionPlan& plan);
  base::ViewerId session_of(base::ViewerId viewer) const { return base::ViewerId{seats_[index_of(viewer)].session}; }
  void tick();
  void end_of_live();
  void finish();
  void record(const SessionPlan& plan);
  void settle(std::uint32_t viewer);
  std::uint32_t asked() const { return static_cast<std::uint32_t>(plans_.size()) + turns_; }
  std::set<std::uint32_t> active_in(std::size_t cohort) const;
  AudienceSample::Rows sample(base::Instant now);
  void check_health();
  std::vector<std::string> all_notes() const;

  const Scenario& scenario_;
  Stage& stage_;
  ProgressLine& progress_;
  Journal journal_;
  BrowserCache browsers_;
  std::vector<SessionPlan> plans_;
  std::vector<base::SharedValue<Device>> devices_;  // by cohort
  std::shared_ptr<SharedListings> listings_ = std::make_shared<SharedListings>();
  std::vector<Seat> seats_;
  DrillBoard drills_;
  KpiFold kpis_;
  LinkLedger links_;
  AudienceSample sample_;
  std::unique_ptr<Warmup> warmup_;
  Phase phase_ = Phase::kIdle;
  base::Instant live_{};
  std::size_t next_arrival_ = 0;
  base::Timer arrival_, pulse_, deadline_;
  std::vector<std::uint32_t> just_ended_;
  base::Histogram start_lateness_;
  std::uint32_t active_ = 0, peak_ = 0, started_ = 0, failed_ = 0, ended_ = 0, turns_ = 0;
  std::uint64_t errors_ = 0;
  reports::RunRow run_;
};

// "warmup", "live", "recovery", …
const char* to_text(Rehearsal::Phase phase);

}  // namespace harness

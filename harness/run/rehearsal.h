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

#include "harness/audience/audience.h"
#include "harness/kpi/kpi_fold.h"
#include "harness/run/audience_sample.h"
#include "harness/run/crowd.h"
#include "harness/run/drill_board.h"
#include "harness/run/journal.h"
#include "harness/run/progress_line.h"
#include "harness/run/stage.h"
#include "harness/transport/browser_cache.h"

namespace harness {

class Rehearsal final {
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
  // Of the audience, so far; and of those who were simulated themselves, where some play on for others.
  double session_seconds() const { return session_seconds_; }
  double played_seconds() const { return played_seconds_; }

  // Closeout: KPIs, gates and the verdict go into the store. Requires: done().
  void close();

 private:
  class Warmup;
  void enter(Phase phase);
  void go_live();
  void tick();
  void end_of_live();
  void finish();
  void collect();
  void count(std::vector<Crowd::News::Step> steps);
  std::size_t arrived() const;
  std::size_t following() const;
  std::uint32_t asked() const { return static_cast<std::uint32_t>(plans_.size()) + turns_; }
  std::set<std::uint32_t> active_in(std::size_t cohort);
  AudienceSample::Rows sample(base::Instant now);
  void check_health();
  SimulatedWork work(base::Duration left) const;
  reports::RunRow so_far() const;
  std::vector<std::string> all_notes() const;

  const Scenario& scenario_;
  Stage& stage_;
  ProgressLine& progress_;
  Journal journal_;
  BrowserCache browsers_;  // of the probes
  std::vector<SessionPlan> plans_;
  std::size_t rows_every_, samples_every_;
  std::vector<std::unique_ptr<Crowd>> crowds_;  // by hall
  DrillBoard drills_;
  KpiFold kpis_;
  AudienceSample sample_;
  std::unique_ptr<Warmup> warmup_;
  Phase phase_ = Phase::kIdle;
  base::Instant live_{};
  base::Timer pulse_, deadline_;
  std::uint32_t active_ = 0, peak_ = 0, started_ = 0, failed_ = 0, ended_ = 0, turns_ = 0;
  std::uint64_t errors_ = 0;
  double session_seconds_ = 0, played_seconds_ = 0;
  std::uint32_t errors_now_ = 0;  // since the last row of the series
  std::int64_t bytes_now_ = 0;
  reports::RunRow run_;
};

// "warmup", "live", "recovery", …
const char* to_text(Rehearsal::Phase phase);

}  // namespace harness

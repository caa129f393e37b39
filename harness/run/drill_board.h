// DrillBoard: injects the scenario's drills at their times and follows each to its recovery. A symptom counts for the latest
// injected drill that targets the session.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "harness/drill/drill_tracker.h"
#include "harness/run/journal.h"
#include "harness/run/sign.h"
#include "harness/run/stage.h"
#include "harness/scenario/scenario.h"

namespace harness {

class DrillBoard {
 public:
  // `active_in`: the sessions now active in a cohort (index into Scenario::cohorts). `failed`: told when a drill could not be
  // injected, which ends the run: a drill that did not happen must not look survived. All references must outlive the board.
  DrillBoard(const Scenario& scenario, Stage& stage, Journal& journal, std::function<std::set<std::uint32_t>(std::size_t cohort)> active_in,
             std::function<void(std::string)> failed);

  // Arms every drill, relative to `live`.
  void arm(base::Instant live);
  // Requires: what happened before an injection is told before it, and in order.
  void see(const Sign& sign);
  // Injected, and not known to have recovered.
  bool waits_for_recovery(base::Instant now) const;
  // Puts detections and recoveries into the timeline as they become known; every second.
  void tick(base::Instant now);
  std::vector<reports::DrillRow> rows(base::Instant now) const;

 private:
  struct Entry {
    const DrillPlan* plan;
    DrillTracker tracker;
    base::Timer start, end;
    std::set<std::uint32_t> targeted;
    std::optional<base::Instant> injected;
    bool said_symptom = false, said_detected = false, said_recovered = false;
  };
  void inject(Entry& entry);
  base::Instant end_of_contribution(const Entry& entry, base::Instant now) const;
  void add_contribution(const Entry& entry, base::Instant now, reports::DrillRow& row) const;
  std::vector<std::size_t> targeted_cohorts(const DrillPlan& plan) const;
  Entry* latest_for(std::uint32_t session);

  const Scenario& scenario_;
  Stage& stage_;
  Journal& journal_;
  std::function<std::set<std::uint32_t>(std::size_t)> active_in_;
  std::function<void(std::string)> failed_;
  std::vector<Entry> entries_;
};

}  // namespace harness

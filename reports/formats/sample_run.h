// Test material: a run as it may come out of `rehearse run`, made from a seed. Four cohorts, three drills, one failed gate.
#pragma once

#include <vector>

#include "reports/store/run_store.h"

namespace reports {

// 500 viewers over three minutes.
StoredRun sample_run();
std::vector<EventRow> sample_events();
// One viewer, one gate, one drill: small enough to compare as text.
StoredRun small_run();

}  // namespace reports

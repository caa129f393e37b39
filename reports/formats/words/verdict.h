// What a run came to, in sentences: the first thing every report says. Pure.
#pragma once

#include <string>
#include <vector>

#include "reports/store/run_store.h"

namespace reports {

struct Verdict {
  std::string mark;      // ✓ ✗ ?
  std::string headline;  // "Failed"
  std::string reason;    // "1 of 5 gates failed: recovery_time{drill:feed} max<5s, observed 7.2 s."
  // What makes every figure below doubtful, to be said before the verdict: the run did not complete, the harness was saturated.
  std::vector<std::string> caveats;
};

Verdict verdict_of(const StoredRun& run);

bool has_completed(const RunRow& run);
// "real time, real HTTP": what the world was, for people.
std::string world_in_words(const RunRow& run);
// "✓", "✗" or "?" for "passed", "failed" and anything else.
std::string mark_of(const std::string& verdict);
// What a gate saw: "7.2 s", or why there is nothing.
std::string observation(const GateRow& gate);

}  // namespace reports

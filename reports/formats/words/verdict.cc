#include "reports/formats/words/verdict.h"

#include <fmt/format.h>

#include <algorithm>

#include "reports/formats/words/figures.h"

namespace reports {
namespace {

std::vector<const GateRow*> gates_that(const StoredRun& run, std::string_view verdict) {
  std::vector<const GateRow*> found;
  for (const GateRow& gate : run.gates)
    if (gate.verdict == verdict) found.push_back(&gate);
  return found;
}

std::string told(const GateRow& gate) {
  const std::string what = selection(gate.metric, gate.tags) + " " + gate.threshold;
  return gate.observed ? fmt::format("{}, observed {}", what, observation(gate)) : fmt::format("{}, {}", what, observation(gate));
}

// "2 of 5 gates WHAT: first; second."; at most three are named.
std::string named(const std::vector<const GateRow*>& gates, std::size_t of, std::string_view what) {
  constexpr std::size_t kNamed = 3;
  std::string list;
  for (std::size_t i = 0; i < std::min(kNamed, gates.size()); ++i) list += (i == 0 ? "" : "; ") + told(*gates[i]);
  if (gates.size() > kNamed) list += fmt::format("; and {} more", gates.size() - kNamed);
  return fmt::format("{} of {} {}: {}.", gates.size(), counted(of, "gate"), what, list);
}

std::string held(const StoredRun& run) {
  if (run.gates.empty() && !has_completed(run.run)) return "No gate was judged";
  if (run.gates.empty()) return "The scenario sets no gates, so nothing could fail";
  return run.gates.size() == 1 ? "Its only gate holds" : fmt::format("All {} gates hold", run.gates.size());
}

std::string reason_of(const StoredRun& run) {
  const auto failed = gates_that(run, "failed"), undecided = gates_that(run, "inconclusive");
  if (!failed.empty()) return named(failed, run.gates.size(), "failed");
  if (!undecided.empty()) return named(undecided, run.gates.size(), "could not be decided");
  if (!has_completed(run.run)) return held(run) + ", as far as the run came.";
  return held(run) + (run.run.harness.saturated ? ", but a saturated harness cannot vouch for the figures." : ".");
}

// ": reason." with one full stop, or "." alone.
std::string because(std::string reason) {
  while (!reason.empty() && (reason.back() == '.' || reason.back() == ' ')) reason.pop_back();
  return reason.empty() ? "." : ": " + reason + ".";
}

std::vector<std::string> caveats_of(const RunRow& run) {
  std::vector<std::string> caveats;
  const std::string_view so_far = " The figures cover what had happened until then.";
  if (!has_completed(run)) {
    const std::string what = run.outcome == "interrupted" ? "The run was interrupted" : "The run itself failed";
    caveats.push_back(fmt::format("{}{}{}", what, because(run.outcome_reason), so_far));
  }
  if (run.harness.saturated) {
    const std::string_view doubt = " The figures tell as much of this machine as of the server.";
    caveats.push_back(fmt::format("The harness was saturated{}{}", because(run.harness.saturation_reason), doubt));
  }
  return caveats;
}

std::string headline_of(const RunRow& run) {
  if (run.verdict == "failed") return "Failed";
  if (!has_completed(run)) return "Not completed";
  return run.verdict == "passed" ? "Passed" : "Inconclusive";
}

}  // namespace

Verdict verdict_of(const StoredRun& run) {
  const std::string headline = headline_of(run.run);
  return {.mark = headline == "Passed"   ? "✓"
                  : headline == "Failed" ? "✗"
                                         : "?",
          .headline = headline,
          .reason = reason_of(run),
          .caveats = caveats_of(run.run)};
}

bool has_completed(const RunRow& run) { return run.outcome == "completed"; }

std::string world_in_words(const RunRow& run) {
  if (run.world == "virtual") return "Virtual: simulated in virtual time, network and server are models";
  return "Real: real requests over the network, in real time";
}

std::string mark_of(const std::string& verdict) { return verdict == "passed" ? "✓" : verdict == "failed" ? "✗" : "?"; }

std::string observation(const GateRow& gate) {
  if (gate.observed) return exact_figure(gate.observed, gate.unit);
  return gate.reason.empty() ? "no data" : gate.reason;
}

}  // namespace reports

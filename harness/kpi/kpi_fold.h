// KpiFold: sessions and drills in, KPIs out. Streaming: add() any number, close() when done; of fixed size per set of tags.
// Pure and deterministic. Two folds of one run's parts merge into the fold of the whole.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/histogram.h"
#include "harness/kpi/metrics.h"
#include "reports/record/rows.h"

namespace harness {

// A session without a first frame that was stopped sooner than this after its planned request was not given a fair chance: it is
// left out of startup_success, video_start_failures and exits_before_start (it still counts in `sessions`). Seconds.
inline constexpr double kFairWait = 5;

class KpiFold {
 public:
  KpiFold();

  // When the run stopped those sessions that still ran, seconds after its start: call it before they are added. Without it every
  // stopped session counts as having had its fair wait.
  void run_stopped_at(double at);
  void add(const reports::SessionRow& session);
  // recovery_time, recovery_failures, time_to_detect and detection_failures, tag drill. Requires: once per drill, when the run is over.
  void add(const reports::DrillRow& drill);
  // Requires: no drill was added to both.
  void merge(const KpiFold& other);
  // Every metric over all sessions (no tags), then under each single value of device, network, region, path and cohort that
  // occurred, in the order of kMetrics and then of the tags. A KPI without data has count 0 and no statistics; it is listed
  // untagged only. Live and seek latency are left out when no session had any.
  std::vector<reports::KpiRow> close() const;

 private:
  struct Group {
    std::uint64_t asked = 0, started = 0, failed_before = 0, left_before = 0, failed_after = 0;
    std::uint64_t affected = 0, unrecovered = 0;  // by drills
    std::uint64_t felt = 0, undetected = 0;       // drills
    double stalled = 0, watched = 0;
    std::map<std::string, base::Histogram, std::less<>> trends;
  };
  struct Share {
    std::uint64_t part, whole;
  };
  static Share share_of(std::string_view rate, const Group& group);
  static reports::KpiRow row_of(const Metric& metric, const reports::Tags& tags, const Group& group);
  void add_to(Group& group, const reports::SessionRow& session) const;
  void add_without_start(Group& group, const reports::SessionRow& session) const;
  std::optional<double> run_end_;
  std::map<reports::Tags, Group> groups_;
};

// Wilson score interval of `successes` out of `n`, 95 % two-sided (z = 1.959964). n = 0 gives [0, 1].
std::pair<double, double> wilson_interval(std::uint64_t successes, std::uint64_t n);

}  // namespace harness

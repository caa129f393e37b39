// KpiFold: sessions and drills in, KPIs out. Streaming: add() any number, close() once. Pure and deterministic.
#pragma once

#include <map>
#include <vector>

#include "base/histogram.h"
#include "reports/record/rows.h"

namespace harness {

class KpiFold {
 public:
  void add(const reports::SessionRow& session);
  // recovery_time and time_to_detect, tag drill.
  void add(const reports::DrillRow& drill);
  // Every metric over all sessions (no tags), then under each single value of device, network, region, path and cohort that
  // occurred, in the order of kMetrics and then of the tags. A trend without samples has count 0 and no statistics; it is listed
  // untagged only. Live latency is left out when no session had any.
  std::vector<reports::KpiRow> close() const;

 private:
  struct Group {
    std::uint64_t asked = 0, started = 0, failed_before = 0, left_before = 0, failed_after = 0;
    double stalled = 0, watched = 0;
    std::map<std::string, base::Histogram> trends;
  };
  void add_to(Group& group, const reports::SessionRow& session);
  std::map<reports::Tags, Group> groups_;
};

// Wilson score interval of `successes` out of `n`, 95 % two-sided (z = 1.959964). n = 0 gives [0, 1].
std::pair<double, double> wilson_interval(std::uint64_t successes, std::uint64_t n);

}  // namespace harness

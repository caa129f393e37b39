// What the plots show, computed from the store: series thinned to a bearable number of points, the startup histogram, the drills'
// windows. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "reports/store/run_store.h"

namespace reports::html {

// The most points of a plot's lines and rows of its table.
inline constexpr std::size_t kPlotPoints = 1200, kTableRows = 30;

// One point per `step` rows of the series: the most of each count within it, so that no short stall is thinned away; renditions
// are summed, downlinks averaged.
std::vector<SeriesRow> thinned(const std::vector<SeriesRow>& series, std::size_t at_most);
// That step.
std::size_t step_for(std::size_t rows, std::size_t at_most);

// The mean of values that may be absent, each as heavy as what it is of.
class Mean {
 public:
  void add(std::optional<double> value, double weight);
  std::optional<double> value() const { return weight_ > 0 ? std::optional{sum_ / weight_} : std::nullopt; }

 private:
  double sum_ = 0, weight_ = 0;
};

// Declared bitrates that were played, lowest first.
std::vector<std::string> renditions_of(const std::vector<SeriesRow>& series);
// Percent of the sessions playing at that point.
double share(const SeriesRow& point, const std::string& rendition);
// Of all those points together.
double share_over(std::span<const SeriesRow> points, const std::string& rendition);

struct StartupHistogram {
  double bin = 0;                     // seconds each bin is wide
  std::vector<std::uint64_t> counts;  // from zero; the last one also takes everything above
  bool is_open = false;               // something above was taken
  std::uint64_t sessions = 0;
};
StartupHistogram startup_histogram(const std::vector<SessionRow>& sessions);

// From the injection to the recovery; to the end of the series where none came.
struct DrillWindow {
  std::string name;
  double from = 0, to = 0;
  bool has_recovered = false;
};
std::vector<DrillWindow> drill_windows(const StoredRun& run);

}  // namespace reports::html

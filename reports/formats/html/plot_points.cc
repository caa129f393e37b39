#include "reports/formats/html/plot_points.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <set>

namespace reports::html {
namespace {

constexpr std::size_t kMostBins = 40;

void take_most(std::uint32_t& a, std::uint32_t b) { a = std::max(a, b); }

void merge(SeriesRow& into, const SeriesRow& next) {
  take_most(into.active, next.active), take_most(into.starting, next.starting), take_most(into.playing, next.playing);
  take_most(into.stalled, next.stalled), take_most(into.paused, next.paused), take_most(into.errors, next.errors);
  into.bytes += next.bytes;
  for (const auto& [name, sessions] : next.renditions) into.renditions[name] += sessions;
}

double bitrate_of(const std::string& rendition) { return std::strtod(rendition.c_str(), nullptr); }

std::vector<double> sorted_startup_times(const std::vector<SessionRow>& sessions) {
  std::vector<double> times;
  for (const SessionRow& session : sessions)
    if (session.startup_time && std::isfinite(*session.startup_time)) times.push_back(std::max(0.0, *session.startup_time));
  std::sort(times.begin(), times.end());
  return times;
}

// The smallest of 1, 2, 5 × 10^n seconds with which `range` fits into the bins.
double bin_for(double range) {
  const double least = std::max(range, 1e-3) / static_cast<double>(kMostBins);
  const double decade = std::pow(10, std::floor(std::log10(least)));
  for (const double factor : {1.0, 2.0, 5.0})
    if (decade * factor >= least) return decade * factor;
  return decade * 10;
}

}  // namespace

std::size_t step_for(std::size_t rows, std::size_t at_most) { return std::max<std::size_t>(1, (rows + at_most - 1) / at_most); }

void Mean::add(std::optional<double> value, double weight) {
  if (!value || !std::isfinite(*value)) return;
  sum_ += *value * weight;
  weight_ += weight;
}

std::vector<SeriesRow> thinned(const std::vector<SeriesRow>& series, std::size_t at_most) {
  const std::size_t step = step_for(series.size(), at_most);
  std::vector<SeriesRow> points;
  Mean downlink;
  for (std::size_t i = 0; i < series.size(); ++i) {
    if (i % step == 0) {
      points.push_back(series[i]);
      downlink = {};
    } else {
      merge(points.back(), series[i]);
    }
    downlink.add(series[i].downlink, 1);
    points.back().downlink = downlink.value();
  }
  return points;
}

std::vector<std::string> renditions_of(const std::vector<SeriesRow>& series) {
  std::set<std::string> names;
  for (const SeriesRow& row : series)
    for (const auto& [name, sessions] : row.renditions) names.insert(name);
  std::vector<std::string> sorted{names.begin(), names.end()};
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return bitrate_of(a) < bitrate_of(b); });
  return sorted;
}

double share_over(std::span<const SeriesRow> points, const std::string& rendition) {
  double all = 0, part = 0;
  for (const SeriesRow& point : points) {
    for (const auto& [name, sessions] : point.renditions) {
      all += sessions;
      part += name == rendition ? sessions : 0;
    }
  }
  return all == 0 ? 0 : 100 * part / all;
}
double share(const SeriesRow& point, const std::string& rendition) { return share_over({&point, 1}, rendition); }

// Reaches to a quarter beyond the 98th percentile: a few stragglers do not press the rest into one bin.
StartupHistogram startup_histogram(const std::vector<SessionRow>& sessions) {
  const std::vector<double> times = sorted_startup_times(sessions);
  if (times.empty()) return {};
  const double range = std::min(times.back(), 1.25 * times[(times.size() - 1) * 98 / 100]);
  StartupHistogram histogram{.bin = bin_for(range), .counts = {}, .is_open = false, .sessions = times.size()};
  histogram.counts.resize(static_cast<std::size_t>(range / histogram.bin) + 1);
  for (const double time : times) {
    const auto bin = static_cast<std::size_t>(time / histogram.bin);
    histogram.is_open |= bin >= histogram.counts.size();
    ++histogram.counts[std::min(bin, histogram.counts.size() - 1)];
  }
  return histogram;
}

std::vector<DrillWindow> drill_windows(const StoredRun& run) {
  const double end = run.series.empty() ? run.run.duration : run.series.back().at;
  std::vector<DrillWindow> windows;
  for (const DrillRow& drill : run.drills) {
    if (!drill.injected_at) continue;
    const double from = *drill.injected_at;
    windows.push_back({drill.name, from, drill.recovered_at.value_or(std::max(end, from)), drill.recovered_at.has_value()});
  }
  return windows;
}

}  // namespace reports::html

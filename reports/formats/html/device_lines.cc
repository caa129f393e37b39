#include "reports/formats/html/device_lines.h"

#include <algorithm>

#include "reports/formats/html/plot_points.h"

namespace reports::html {
namespace {

constexpr std::size_t kMostDevices = 6;  // as many as report.js has colours and dash patterns for
constexpr double kRoomAbove = 2.5;       // times the highest bitrate; report.js cuts the plot off there

}  // namespace

// Rows of a device lie in time order, as the series does; a second without one leaves its point to the others.
std::vector<DeviceLine> device_lines(const StoredRun& run, std::size_t at_most) {
  const std::size_t step = step_for(run.series.size(), at_most), points = (run.series.size() + step - 1) / step;
  struct Sums {
    DeviceLine line;
    std::vector<Mean> bitrate, buffer;
  };
  std::vector<Sums> all;
  std::size_t second = 0;
  for (const DeviceSeriesRow& row : run.device_series) {
    while (second < run.series.size() && run.series[second].at < row.at) ++second;
    if (second == run.series.size()) break;
    auto found = std::find_if(all.begin(), all.end(), [&](const Sums& sums) { return sums.line.device == row.device; });
    if (found == all.end())
      found = all.insert(all.end(),
                         {{.device = row.device, .bitrate = {}, .buffer = {}}, std::vector<Mean>(points), std::vector<Mean>(points)});
    found->line.session_seconds += row.active;
    found->bitrate[second / step].add(row.bitrate, row.playing);
    found->buffer[second / step].add(row.buffer, row.playing + row.stalled + row.paused);
  }
  std::vector<DeviceLine> lines;
  for (Sums& sums : all) {
    if (sums.line.session_seconds == 0) continue;
    for (const Mean& mean : sums.bitrate) sums.line.bitrate.push_back(mean.value());
    for (const Mean& mean : sums.buffer) sums.line.buffer.push_back(mean.value());
    lines.push_back(std::move(sums.line));
  }
  return lines;
}

DrawnLines drawn(std::vector<DeviceLine> lines) {
  DrawnLines drawn{.lines = std::move(lines), .left_out = {}};
  while (drawn.lines.size() > kMostDevices) {
    const auto least = std::min_element(drawn.lines.begin(), drawn.lines.end(),
                                        [](const DeviceLine& a, const DeviceLine& b) { return a.session_seconds < b.session_seconds; });
    drawn.left_out.push_back(least->device);
    drawn.lines.erase(least);
  }
  return drawn;
}

std::optional<Extent> extent_of(const Values& values) {
  std::optional<Extent> extent;
  for (const std::optional<double>& value : values) {
    if (!value) continue;
    if (!extent) extent = Extent{*value, *value};
    extent->low = std::min(extent->low, *value), extent->high = std::max(extent->high, *value);
  }
  return extent;
}

Values downlinks_of(const std::vector<SeriesRow>& series) {
  Values line;
  for (const SeriesRow& row : series) line.push_back(row.downlink);
  return line;
}

bool fits_beside(const Extent& downlink, const std::vector<DeviceLine>& lines) {
  return std::any_of(lines.begin(), lines.end(), [&](const DeviceLine& line) {
    const auto bitrates = extent_of(line.bitrate);
    return bitrates && downlink.low <= kRoomAbove * bitrates->high;
  });
}

}  // namespace reports::html

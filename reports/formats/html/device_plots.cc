#include "reports/formats/html/device_plots.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>

#include "reports/formats/html/device_lines.h"
#include "reports/formats/html/parts.h"
#include "reports/formats/html/plot_points.h"
#include "reports/formats/words/escape.h"
#include "reports/formats/words/figures.h"

namespace reports::html {
namespace {

using base::Json;

struct Measure {
  Values DeviceLine::*values;
  std::string_view unit, caption;
};
constexpr Measure kBitrate{&DeviceLine::bitrate, "bps", "Mean declared bitrate of the playing sessions"};
constexpr Measure kBuffer{&DeviceLine::buffer, "s", "Mean playable media ahead, of the sessions that play, are stalled or paused"};

// Every device, drawn or not, and the links where they are given.
std::string device_table(const StoredRun& run, const Measure& measure, const Values& links = {}) {
  const std::vector<SeriesRow> series = thinned(run.series, kTableRows);
  const std::vector<DeviceLine> lines = device_lines(run, kTableRows);
  std::vector<std::string> columns{"Time"};
  for (const DeviceLine& line : lines) columns.push_back(line.device);
  if (!links.empty()) columns.emplace_back("Downlinks");
  Table table{measure.caption, columns};
  for (std::size_t i = 0; i < series.size(); ++i) {
    std::vector<std::string> cells;
    for (const DeviceLine& line : lines) cells.push_back(figure((line.*measure.values)[i], measure.unit));
    if (!links.empty()) cells.push_back(figure(links[i], measure.unit));
    table.add(instant(series[i].at), cells);
  }
  return table.html();
}

// "Mean …. Over the whole run: ios 2.1 Mbit/s (at most 2.5 Mbit/s), …"
std::string device_sentence(const StoredRun& run, const Measure& measure) {
  const std::vector<DeviceLine> whole = device_lines(run, 1), lines = device_lines(run, kPlotPoints);
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < whole.size(); ++i) {
    const std::optional<Extent> extent = extent_of(lines[i].*measure.values);
    const std::string most = extent ? fmt::format(" (at most {})", figure(extent->high, measure.unit)) : "";
    parts.push_back(fmt::format("{} {}{}", whole[i].device, figure((whole[i].*measure.values)[0], measure.unit), most));
  }
  std::string text = fmt::format("{}. Over the whole run: {}.", measure.caption, fmt::join(parts, ", "));
  if (const std::vector<std::string> left_out = drawn(lines).left_out; !left_out.empty())
    text += fmt::format(" Not drawn, as they had the fewest viewers: {}.", fmt::join(left_out, ", "));
  return text;
}

// What is drawn of the downlinks beside the bitrates.
struct Downlinks {
  Values values;  // empty: not known
  bool is_drawn = false;
};

Downlinks downlinks(const StoredRun& run) {
  const Values values = downlinks_of(thinned(run.series, kPlotPoints));
  const std::optional<Extent> extent = extent_of(values);
  if (!extent) return {};
  return {values, fits_beside(*extent, drawn(device_lines(run, kPlotPoints)).lines)};
}

std::string downlink_sentence(const StoredRun& run) {
  const auto [values, is_drawn] = downlinks(run);
  if (values.empty()) return {};
  const Extent extent = *extent_of(values);
  const std::string low = figure(extent.low, "bps"), high = figure(extent.high, "bps");
  return fmt::format(" Mean of the viewers' downlinks: {}{}.", low == high ? low : low + " to " + high,
                     is_drawn ? " (the grey line)" : ", too far above to be drawn");
}

PlotFigure bitrate_figure(const StoredRun& run) {
  const Values links = downlinks(run).values.empty() ? Values{} : downlinks_of(thinned(run.series, kTableRows));
  return {"device-bitrate", "Bitrate by device", device_sentence(run, kBitrate) + downlink_sentence(run),
          device_table(run, kBitrate, links)};
}

PlotFigure buffer_figure(const StoredRun& run) {
  return {"device-buffer", "Buffer by device", device_sentence(run, kBuffer), device_table(run, kBuffer)};
}

// `steps`: of rounding, to one unit. Null where there is no value.
Json json_of(const Values& values, double steps) {
  Json list = Json::array();
  for (const std::optional<double>& value : values) list.push_back(value ? Json(std::round(*value * steps) / steps) : Json());
  return list;
}

bool has_several_devices(const StoredRun& run) { return device_lines(run, 1).size() > 1; }

}  // namespace

std::string device_figures(const StoredRun& run) {
  return has_several_devices(run) ? figure_html(bitrate_figure(run)) + figure_html(buffer_figure(run)) : "";
}

void add_device_data(Json& data, const StoredRun& run) {
  if (!has_several_devices(run)) return;
  Json devices = Json::array();
  for (const DeviceLine& line : drawn(device_lines(run, kPlotPoints)).lines)
    devices.push_back({{"name", clean_utf8(line.device)}, {"bitrate", json_of(line.bitrate, 1)}, {"buffer", json_of(line.buffer, 100)}});
  data["devices"] = devices;
  if (const auto [values, is_drawn] = downlinks(run); is_drawn) data["downlink"] = json_of(values, 1);
}

}  // namespace reports::html

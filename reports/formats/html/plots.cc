#include "reports/formats/html/plots.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/json_reader.h"
#include "reports/formats/html/device_plots.h"
#include "reports/formats/html/parts.h"
#include "reports/formats/html/plot_points.h"
#include "reports/formats/words/comparison.h"
#include "reports/formats/words/escape.h"
#include "reports/formats/words/figures.h"

namespace reports::html {
namespace {

using base::Json;

// The point with the most of a count.
const SeriesRow& peak(const std::vector<SeriesRow>& series, std::uint32_t SeriesRow::*count) {
  return *std::max_element(series.begin(), series.end(), [&](const SeriesRow& a, const SeriesRow& b) { return a.*count < b.*count; });
}

std::string peak_text(const std::vector<SeriesRow>& series, std::uint32_t SeriesRow::*count, std::string_view what) {
  const SeriesRow& most = peak(series, count);
  return most.*count == 0 ? fmt::format("none {}", what) : fmt::format("at most {} {} (at {})", most.*count, what, instant(most.at));
}

bool has_paused(const std::vector<SeriesRow>& series) { return !series.empty() && peak(series, &SeriesRow::paused).paused > 0; }

PlotFigure concurrency(const std::vector<SeriesRow>& series) {
  std::vector<std::pair<const char*, std::uint32_t SeriesRow::*>> counts{{"Active", &SeriesRow::active},
                                                                         {"Starting", &SeriesRow::starting},
                                                                         {"Playing", &SeriesRow::playing},
                                                                         {"Stalled", &SeriesRow::stalled}};
  std::string sentence =
      fmt::format("Sessions: {}, {}, {}", peak_text(series, &SeriesRow::active, "active at once"),
                  peak_text(series, &SeriesRow::playing, "playing"), peak_text(series, &SeriesRow::starting, "starting"));
  if (has_paused(series)) {
    counts.emplace_back("Paused", &SeriesRow::paused);
    sentence += ", " + peak_text(series, &SeriesRow::paused, "paused by their viewers");
  }
  std::vector<std::string> columns{"Time"};
  for (const auto& [name, count] : counts) columns.push_back(name);
  Table table{"Sessions over time", columns};
  for (const SeriesRow& row : thinned(series, kTableRows)) {
    std::vector<std::string> cells;
    for (const auto& [name, count] : counts) cells.push_back(std::to_string(row.*count));
    table.add(instant(row.at), cells);
  }
  return {"concurrency", "Concurrency", sentence + ".", table.html()};
}

PlotFigure stalls(const std::vector<SeriesRow>& series, const std::vector<DrillWindow>& windows) {
  Table table{"Stalls and failed requests over time", {"Time", "Stalled sessions", "Failed requests a second"}};
  for (const SeriesRow& row : thinned(series, kTableRows))
    table.add(instant(row.at), {std::to_string(row.stalled), std::to_string(row.errors)});
  std::string sentence = fmt::format("Sessions: {}; requests: {}.", peak_text(series, &SeriesRow::stalled, "stalled at once"),
                                     peak_text(series, &SeriesRow::errors, "failed in a second"));
  for (const DrillWindow& window : windows)
    sentence += window.has_recovered ? fmt::format(" Drill {}: {} to {}.", window.name, instant(window.from), instant(window.to))
                                     : fmt::format(" Drill {}: from {}, not recovered.", window.name, instant(window.from));
  return {"stalls", "Stalls and failed requests, with the drills", sentence, table.html()};
}

PlotFigure renditions(const std::vector<SeriesRow>& series) {
  const std::vector<std::string> names = renditions_of(series);
  std::vector<std::string> columns{"Time"};
  for (const std::string& name : names) columns.push_back(rendition_name(name));
  Table table{"Share of the playing sessions on each rendition", columns};
  for (const SeriesRow& row : thinned(series, kTableRows)) {
    std::vector<std::string> cells;
    for (const std::string& name : names) cells.push_back(figure(share(row, name) / 100, "ratio"));
    table.add(instant(row.at), cells);
  }
  std::string sentence = "Over the whole run:";
  for (const std::string& name : names)
    sentence +=
        fmt::format("{} {} {}", name == names.front() ? "" : ",", rendition_name(name), figure(share_over(series, name) / 100, "ratio"));
  return {"renditions", "Renditions played", sentence + ".", table.html()};
}

std::string bin_name(const StartupHistogram& histogram, std::size_t bin) {
  const double from = histogram.bin * static_cast<double>(bin);
  if (histogram.is_open && bin + 1 == histogram.counts.size()) return figure(from, "s") + " and more";
  return figure(from, "s") + " to " + figure(from + histogram.bin, "s");
}

PlotFigure startup(const StoredRun& run, const StartupHistogram& histogram) {
  Table table{"Startup times", {"Startup time", "Sessions"}};
  for (std::size_t i = 0; i < histogram.counts.size(); ++i)
    if (histogram.counts[i] > 0) table.add(bin_name(histogram, i), {std::to_string(histogram.counts[i])});
  std::string sentence = counted(histogram.sessions, "session") + " started";
  if (const KpiRow* kpi = find_kpi(run.kpis, "startup_time", {}); kpi != nullptr && kpi->p50)
    sentence += fmt::format(": half within {}, 95 % within {}, the slowest took {}", figure(kpi->p50, "s"), figure(kpi->p95, "s"),
                            figure(kpi->max, "s"));
  return {"startup", "Startup time", sentence + ".", table.html()};
}

template <class Value>
Json column(const std::vector<SeriesRow>& series, Value SeriesRow::*field) {
  Json values = Json::array();
  for (const SeriesRow& row : series) values.push_back(row.*field);
  return values;
}

Json renditions_json(const std::vector<SeriesRow>& series) {
  Json renditions = Json::array();
  for (const std::string& name : renditions_of(series)) {
    Json shares = Json::array();
    for (const SeriesRow& row : series) shares.push_back(std::round(share(row, name) * 100) / 100);
    renditions.push_back({{"name", clean_utf8(rendition_name(name))}, {"share", shares}});
  }
  return renditions;
}

Json startup_json(const StoredRun& run) {
  const StartupHistogram histogram = startup_histogram(run.sessions);
  Json marks = Json::array();
  if (const KpiRow* kpi = find_kpi(run.kpis, "startup_time", {}); kpi != nullptr) {
    if (kpi->p50) marks.push_back({{"name", "p50"}, {"at", *kpi->p50}});
    if (kpi->p95) marks.push_back({{"name", "p95"}, {"at", *kpi->p95}});
  }
  return {{"bin", histogram.bin}, {"open", histogram.is_open}, {"counts", histogram.counts}, {"marks", marks}};
}

Json drills_json(const StoredRun& run) {
  Json drills = Json::array();
  for (const DrillWindow& window : drill_windows(run)) {
    const std::string label = clean_utf8(window.name) + (window.has_recovered ? "" : " (not recovered)");
    drills.push_back({{"name", label}, {"from", window.from}, {"to", window.to}});
  }
  return drills;
}

}  // namespace

std::string plots_section(const StoredRun& run) {
  std::string html;
  if (!run.series.empty()) html += figure_html(concurrency(run.series)) + figure_html(stalls(run.series, drill_windows(run)));
  html += device_figures(run);
  if (const StartupHistogram histogram = startup_histogram(run.sessions); histogram.sessions > 0)
    html += figure_html(startup(run, histogram));
  if (!renditions_of(run.series).empty()) html += figure_html(renditions(run.series));
  if (html.empty()) return {};
  return section("plots", "What the viewers saw", "<div class=\"plots\">\n" + html + "</div>\n");
}

std::string plot_data(const StoredRun& run) {
  const std::vector<SeriesRow> series = thinned(run.series, kPlotPoints);
  Json json{{"at", column(series, &SeriesRow::at)},
            {"active", column(series, &SeriesRow::active)},
            {"starting", column(series, &SeriesRow::starting)},
            {"playing", column(series, &SeriesRow::playing)},
            {"stalled", column(series, &SeriesRow::stalled)},
            {"errors", column(series, &SeriesRow::errors)},
            {"renditions", renditions_json(series)},
            {"startup", startup_json(run)},
            {"drills", drills_json(run)}};
  if (has_paused(series)) json["paused"] = column(series, &SeriesRow::paused);
  add_device_data(json, run);
  return json_in_html(json.dump(-1, ' ', false, Json::error_handler_t::replace));
}

}  // namespace reports::html

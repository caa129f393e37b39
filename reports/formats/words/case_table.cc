#include "reports/formats/words/case_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "reports/formats/words/figures.h"
#include "reports/formats/words/verdict.h"

namespace reports {
namespace {

using Cell = std::function<std::string(const CaseRun&)>;

const std::string kNoFigure = figure(std::nullopt, "");

void add_line(Comparison& table, const std::vector<CaseRun>& cases, const std::string& name, const Cell& cell) {
  Comparison::Line line{.name = name, .cells = {}};
  for (const CaseRun& one : cases) line.cells.push_back(cell(one));
  if (std::ranges::all_of(line.cells, [](const std::string& text) { return text == kNoFigure; })) return;
  table.lines.push_back(std::move(line));
}

Cell kpi(const char* metric, std::optional<double> KpiRow::*statistic) {
  return [=](const CaseRun& run) {
    const KpiRow* row = find_kpi(run.kpis, metric, {});
    return row == nullptr ? kNoFigure : figure(row->*statistic, row->unit);
  };
}

Cell of_drill(const std::string& name, const std::function<std::string(const DrillRow&)>& cell) {
  return [=](const CaseRun& run) {
    const auto drill = std::ranges::find(run.drills, name, &DrillRow::name);
    return drill == run.drills.end() ? kNoFigure : cell(*drill);
  };
}

std::string counted_or_none(const std::optional<std::uint64_t>& number) { return number ? std::to_string(*number) : kNoFigure; }

std::string since_injection(const DrillRow& drill, const std::optional<double>& at) {
  return at ? figure(*at - *drill.injected_at, "s") : kNoFigure;
}

void add_drill(Comparison& table, const std::vector<CaseRun>& cases, const std::string& name) {
  const auto line = [&](const char* what, const std::function<std::string(const DrillRow&)>& cell) {
    add_line(table, cases, name + ": " + what, of_drill(name, cell));
  };
  line("viewers affected", [](const DrillRow& d) { return fmt::format("{} of {}", d.sessions_affected, d.sessions_targeted); });
  line("noticed by the server after", [](const DrillRow& d) { return since_injection(d, d.noticed_at); });
  line("on air then", [](const DrillRow& d) { return d.switched_to.empty() ? kNoFigure : d.switched_to; });
  line("switched after", [](const DrillRow& d) { return since_injection(d, d.mitigated_at); });
  line("gap at the server", [](const DrillRow& d) { return d.gap_ms ? figure(*d.gap_ms / 1e3, "s") : kNoFigure; });
  line("frames missing", [](const DrillRow& d) { return counted_or_none(d.frames_missing); });
  line("frames repeated", [](const DrillRow& d) { return counted_or_none(d.frames_repeated); });
  line("recovered after", [](const DrillRow& d) {
    if (!d.injected_at) return std::string{"not injected"};
    if (d.sessions_affected == 0) return std::string{"nobody was hit"};
    return d.recovered_at ? since_injection(d, d.recovered_at) : std::string{"not recovered"};
  });
}

}  // namespace

CaseRun case_run(const std::string& name, const StoredRun& run) {
  return {.name = name,
          .scenario = run.run.scenario,
          .verdict = run.run.verdict,
          .world = run.run.world,
          .world_in_words = world_in_words(run.run),
          .headline = verdict_of(run).headline,
          .kpis = run.kpis,
          .drills = run.drills};
}

Comparison compare_cases(const std::vector<CaseRun>& cases) {
  Comparison table;
  for (const CaseRun& one : cases) table.columns.push_back(one.name);
  add_line(table, cases, "verdict", [](const CaseRun& run) { return run.headline; });
  add_line(table, cases, "sessions", kpi("sessions", &KpiRow::value));
  add_line(table, cases, "startup success", kpi("startup_success", &KpiRow::value));
  add_line(table, cases, "startup p50", kpi("startup_time", &KpiRow::p50));
  add_line(table, cases, "startup p95", kpi("startup_time", &KpiRow::p95));
  add_line(table, cases, "rebuffer ratio", kpi("rebuffer_ratio", &KpiRow::value));
  add_line(table, cases, "interruptions a viewer", kpi("interruption_count", &KpiRow::mean));
  add_line(table, cases, "bitrate", kpi("bitrate", &KpiRow::mean));
  add_line(table, cases, "live latency p50", kpi("live_latency", &KpiRow::p50));
  add_line(table, cases, "playback failures", kpi("playback_failures", &KpiRow::value));
  std::vector<std::string> drills;
  for (const CaseRun& one : cases)
    for (const DrillRow& drill : one.drills)
      if (std::ranges::find(drills, drill.name) == drills.end()) drills.push_back(drill.name);
  for (const std::string& drill : drills) add_drill(table, cases, drill);
  return table;
}

}  // namespace reports

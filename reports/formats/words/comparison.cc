#include "reports/formats/words/comparison.h"

#include <algorithm>
#include <array>
#include <set>

#include "reports/formats/words/figures.h"

namespace reports {
namespace {

struct Column {
  std::string_view title, metric;
  std::optional<double> KpiRow::*statistic;
};

constexpr std::array kColumns{
    Column{"sessions", "sessions", &KpiRow::value},       Column{"started", "startup_success", &KpiRow::value},
    Column{"start p50", "startup_time", &KpiRow::p50},    Column{"start p95", "startup_time", &KpiRow::p95},
    Column{"rebuffer", "rebuffer_ratio", &KpiRow::value}, Column{"bitrate", "bitrate", &KpiRow::mean},
    Column{"latency", "live_latency", &KpiRow::p50},      Column{"broke off", "playback_failures", &KpiRow::value},
};

std::string cell(const std::vector<KpiRow>& kpis, const Column& column, const Tags& tags) {
  const KpiRow* kpi = find_kpi(kpis, column.metric, tags);
  return kpi == nullptr ? figure(std::nullopt, "") : figure(kpi->*column.statistic, kpi->unit);
}

Comparison::Line line(const std::vector<KpiRow>& kpis, std::string name, const Tags& tags) {
  Comparison::Line line{.name = std::move(name), .cells = {}};
  for (const Column& column : kColumns) line.cells.push_back(cell(kpis, column, tags));
  return line;
}

std::set<std::string> values_of(std::string_view tag, const std::vector<KpiRow>& kpis) {
  std::set<std::string> values;
  for (const KpiRow& kpi : kpis)
    if (kpi.tags.size() == 1 && kpi.tags.begin()->first == tag) values.insert(kpi.tags.begin()->second);
  return values;
}

}  // namespace

const KpiRow* find_kpi(const std::vector<KpiRow>& kpis, std::string_view metric, const Tags& tags) {
  const auto found = std::find_if(kpis.begin(), kpis.end(), [&](const KpiRow& kpi) { return kpi.metric == metric && kpi.tags == tags; });
  return found == kpis.end() ? nullptr : &*found;
}

Comparison compare_by(std::string_view tag, const std::vector<KpiRow>& kpis) {
  Comparison comparison;
  for (const Column& column : kColumns) comparison.columns.emplace_back(column.title);
  const std::set<std::string> values = values_of(tag, kpis);
  if (values.empty()) return comparison;
  comparison.lines.push_back(line(kpis, "all", {}));
  for (const std::string& value : values) comparison.lines.push_back(line(kpis, value, {{std::string{tag}, value}}));
  return comparison;
}

std::string headline_figure(const KpiRow& kpi) { return figure(kpi.kind == "trend" ? kpi.p50 : kpi.value, kpi.unit); }

}  // namespace reports

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "reports/formats/html/parts.h"
#include "reports/formats/html/sections.h"
#include "reports/formats/words/comparison.h"
#include "reports/formats/words/escape.h"
#include "reports/formats/words/figures.h"

namespace reports::html {
namespace {

// Distributions and shares have different statistics, so they stand in different tables.
bool is_trend(const KpiRow& kpi) { return kpi.kind == "trend"; }

std::vector<std::string> columns_for(bool trend, std::string first) {
  if (trend) return {std::move(first), "n", "mean", "p50", "p90", "p95", "p99", "max"};
  return {std::move(first), "n", "value", "95 % interval"};
}

std::vector<std::string> statistics(const KpiRow& kpi) {
  const auto in_unit = [&](std::optional<double> value) { return figure(value, kpi.unit); };
  const std::string n = std::to_string(kpi.count);
  if (is_trend(kpi))
    return {n, in_unit(kpi.mean), in_unit(kpi.p50), in_unit(kpi.p90), in_unit(kpi.p95), in_unit(kpi.p99), in_unit(kpi.max)};
  const std::string interval = kpi.ci_low && kpi.ci_high ? in_unit(kpi.ci_low) + " to " + in_unit(kpi.ci_high) : "–";
  return {n, in_unit(kpi.value), interval};
}

std::string over_all_viewers(const std::vector<KpiRow>& kpis, bool trend, std::string_view caption) {
  Table table{caption, columns_for(trend, "KPI"), "kpis"};
  bool any = false;
  for (const KpiRow& kpi : kpis) {
    if (!kpi.tags.empty() || is_trend(kpi) != trend) continue;
    table.add(fmt::format("{}<small class=\"definition\">{}</small>", markup(kpi.metric), markup(kpi.definition)), statistics(kpi));
    any = true;
  }
  return any ? table.html() : "";
}

std::string side_by_side(const std::vector<KpiRow>& kpis) {
  constexpr std::array<std::string_view, 5> kTags{"device", "network", "region", "path", "cohort"};
  std::string html;
  for (const std::string_view tag : kTags) {
    const Comparison comparison = compare_by(tag, kpis);
    if (comparison.lines.size() <= 2) continue;  // one value only is the same as all viewers
    std::vector<std::string> columns{std::string{tag}};
    columns.insert(columns.end(), comparison.columns.begin(), comparison.columns.end());
    Table table{fmt::format("By {}", tag), columns, "comparison"};
    for (const Comparison::Line& line : comparison.lines) table.add(markup(line.name), line.cells);
    html += table.html();
  }
  return html.empty() ? "" : "<h3>Side by side</h3>\n" + html;
}

std::string label(const Tags& tags) {
  std::string text;
  for (const auto& [name, value] : tags) text += (text.empty() ? "" : ", ") + name + " " + value;
  return text.empty() ? "all viewers" : text;
}

// One KPI under every tag, folded to its headline.
std::string in_full(const KpiRow& untagged, const std::vector<KpiRow>& kpis) {
  Table table{untagged.metric, columns_for(is_trend(untagged), "viewers"), "kpis"};
  for (const KpiRow& kpi : kpis)
    if (kpi.metric == untagged.metric) table.add(markup(label(kpi.tags)), statistics(kpi));
  const std::string summary = fmt::format("{}: {}{}", untagged.metric, headline_figure(untagged), is_trend(untagged) ? " (median)" : "");
  return foldable(summary, (untagged.definition.empty() ? "" : paragraph(untagged.definition, "definition")) + table.html());
}

// Each metric's first row, which stands for it even when it has tagged rows only (recovery_time).
std::vector<const KpiRow*> one_of_each(const std::vector<KpiRow>& kpis) {
  std::vector<const KpiRow*> first;
  for (const KpiRow& kpi : kpis)
    if (std::none_of(first.begin(), first.end(), [&](const KpiRow* seen) { return seen->metric == kpi.metric; })) first.push_back(&kpi);
  return first;
}

}  // namespace

std::string kpis_section(const StoredRun& run) {
  if (run.kpis.empty()) return section("kpis", "KPIs", paragraph("The run holds no KPIs: it ended before they were computed."));
  std::string html = over_all_viewers(run.kpis, false, "Shares and ratios over all viewers");
  html += over_all_viewers(run.kpis, true, "Distributions over all viewers");
  html += side_by_side(run.kpis) + "<h3>Every KPI by device, network, region, path and cohort</h3>\n";
  for (const KpiRow* kpi : one_of_each(run.kpis)) html += in_full(*kpi, run.kpis);
  return section("kpis", "KPIs", html);
}

}  // namespace reports::html

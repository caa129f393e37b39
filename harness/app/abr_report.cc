#include "harness/app/abr_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/json_reader.h"

namespace harness {
namespace {

using abr::Figures;

struct AbrColumn {
  const char* title;
  double Figures::*value;
  int decimals;
};
constexpr std::array<AbrColumn, 9> kAbrColumns{{
    {"bitrate kbit/s", &Figures::time_average_played_bitrate, 1},
    {"utility", &Figures::time_average_played_utility, 3},
    {"stalled s", &Figures::total_rebuffer, 3},
    {"stalled share", &Figures::rebuffer_ratio, 5},
    {"stalls", &Figures::total_rebuffer_events, 0},
    {"changes kbit/s", &Figures::time_average_bitrate_change, 1},
    {"score", &Figures::time_average_score, 3},
    {"ramp-up s", &Figures::rampup_time, 2},
    {"reaction s", &Figures::total_reaction_time, 2},
}};

std::string abr_row(const std::string& name, std::size_t width, const Figures& figures, bool mean) {
  std::string row = fmt::format("{:<{}}", name, width);
  for (const AbrColumn& column : kAbrColumns)
    row += fmt::format("  {:>{}.{}f}", figures.*column.value, std::max<std::size_t>(std::string_view{column.title}.size(), 7),
                       column.decimals + (mean && column.decimals == 0 ? 2 : 0));
  return row + "\n";
}

Figures mean_of(const std::vector<TraceFigures>& all) {
  Figures mean;
  for (const abr::NamedFigure& figure : abr::kFigures) {
    for (const TraceFigures& each : all) mean.*figure.value += each.figures.*figure.value;
    mean.*figure.value /= static_cast<double>(all.size());
  }
  return mean;
}

}  // namespace

std::string abr_table(const std::vector<TraceFigures>& all) {
  std::size_t width = 5;
  for (const TraceFigures& each : all) width = std::max(width, each.trace.size());
  std::string table = fmt::format("{:<{}}", "trace", width);
  for (const AbrColumn& column : kAbrColumns) table += fmt::format("  {:>7}", column.title);
  table += "\n";
  for (const TraceFigures& each : all) table += abr_row(each.trace, width, each.figures, false);
  if (all.size() > 1) table += abr_row("mean", width, mean_of(all), true);
  return table;
}

std::string abr_json(const std::vector<TraceFigures>& all, const std::string& rule, bool abandonment) {
  std::string text;
  for (const TraceFigures& each : all) {
    base::Json object{{"trace", each.trace}, {"rule", rule}, {"abandonment", abandonment}};
    for (const abr::NamedFigure& figure : abr::kFigures) object[figure.name] = each.figures.*figure.value;
    text += (text.empty() ? "[\n" : ",\n") + object.dump();
  }
  return text.empty() ? "[]\n" : text + "\n]\n";
}

}  // namespace harness

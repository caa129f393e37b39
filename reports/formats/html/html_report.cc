#include <fmt/format.h>

#include <map>

#include "embedded/report_page.h"
#include "reports/formats/formats.h"
#include "reports/formats/html/parts.h"
#include "reports/formats/html/plots.h"
#include "reports/formats/html/sections.h"
#include "reports/formats/words/escape.h"
#include "reports/formats/words/verdict.h"

namespace reports {
namespace {

// Puts `values` in the places marked {{name}}, in one pass: what was put in is not searched again.
std::string filled(std::string_view page, const std::map<std::string, std::string, std::less<>>& values) {
  std::string text;
  for (std::size_t open = page.find("{{"); open != std::string_view::npos; open = page.find("{{")) {
    const std::size_t close = page.find("}}", open);
    text.append(page.substr(0, open)).append(values.at(std::string{page.substr(open + 2, close - open - 2)}));
    page.remove_prefix(close + 2);
  }
  return text.append(page);
}

}  // namespace

std::string cases_html(const std::vector<CaseRun>& cases) {
  const Comparison comparison = compare_cases(cases);
  std::vector<std::string> columns{""};
  for (const std::string& name : comparison.columns) columns.push_back(name);
  html::Table table{"The figures of each case; drills in seconds after their injection", columns, "comparison"};
  for (const Comparison::Line& line : comparison.lines) table.add(markup(line.name), line.cells);
  std::string links;
  for (const CaseRun& one : cases) {
    links += fmt::format("<li><a href=\"{0}/report.html\">{0}</a>: {1}</li>\n", markup(one.name), markup(one.headline));
  }
  const std::string scenario = cases.empty() ? "" : cases.front().scenario;
  const std::string world = cases.empty() ? "" : fmt::format("<p>{}.</p>\n", markup(cases.front().world_in_words));
  return filled(embedded::cases_page_html, {{"scenario", markup(scenario)},
                                            {"style", std::string{embedded::report_css}},
                                            {"opening", world + "<ul>\n" + links + "</ul>\n"},
                                            {"table", html::section("cases", "Side by side", table.html())}});
}

std::string html_report(const StoredRun& run) {
  const std::string scenario = run.run.scenario.empty() ? "unnamed scenario" : run.run.scenario;
  return filled(embedded::report_html, {{"scenario", markup(scenario)},
                                        {"headline", verdict_of(run).headline},
                                        {"plot-style", std::string{embedded::uPlot_min_css}},
                                        {"style", std::string{embedded::report_css}},
                                        {"opening", html::opening(run)},
                                        {"gates", html::gates_section(run)},
                                        {"plots", html::plots_section(run)},
                                        {"drills", html::drills_section(run)},
                                        {"kpis", html::kpis_section(run)},
                                        {"networks", html::networks_section(run)},
                                        {"delivery", html::delivery_section(run)},
                                        {"harness", html::harness_section(run)},
                                        {"notes", html::notes_section(run)},
                                        {"data", html::plot_data(run)},
                                        {"plot-script", std::string{embedded::uPlot_iife_min_js}},
                                        {"script", std::string{embedded::report_js}}});
}

}  // namespace reports

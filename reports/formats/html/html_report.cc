#include <map>

#include "embedded/report_page.h"
#include "reports/formats/formats.h"
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

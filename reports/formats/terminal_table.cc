// At most 100 columns wide: what fits a terminal beside a build log.
#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <sstream>

#include "reports/formats/formats.h"
#include "reports/formats/words/breaks.h"
#include "reports/formats/words/comparison.h"
#include "reports/formats/words/escape.h"
#include "reports/formats/words/figures.h"
#include "reports/formats/words/links.h"
#include "reports/formats/words/verdict.h"

namespace reports {
namespace {

constexpr std::size_t kColumns = 100;

class Paint {
 public:
  explicit Paint(bool colour) : colour_{colour} {}
  std::string bold(const std::string& text) const { return in("1", text); }
  std::string marked(const std::string& mark, const std::string& text) const {
    return in(mark == "✓" ? "32" : mark == "✗" ? "31" : "33", text);
  }

 private:
  std::string in(const char* code, const std::string& text) const { return colour_ ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : text; }
  bool colour_;
};

std::string padded(const std::string& text, std::size_t columns) {
  const std::string fitting = shortened(text, columns);
  return fitting + std::string(columns - width(fitting), ' ');
}
std::string right_aligned(const std::string& text, std::size_t columns) {
  const std::string fitting = shortened(text, columns);
  return std::string(columns - width(fitting), ' ') + fitting;
}

// Words over several lines, `first` before the first and as many blanks before the others.
std::string wrapped(const std::string& first, const std::string& text) {
  const std::size_t indent = width(first), room = kColumns - indent;
  std::string lines = first;
  std::size_t used = 0;
  std::istringstream words{one_line(text)};
  for (std::string word; words >> word;) {
    word = shortened(word, room);
    if (used > 0 && used + 1 + width(word) > room) lines += "\n" + std::string(indent, ' '), used = 0;
    lines += (used == 0 ? "" : " ") + word;
    used += width(word) + (used == 0 ? 0 : 1);
  }
  return lines + "\n";
}

std::string head(const StoredRun& stored, const Paint& paint) {
  const RunRow& run = stored.run;
  const Verdict verdict = verdict_of(stored);
  std::string text;
  for (const std::string& caveat : verdict.caveats) text += paint.marked("?", wrapped("! ", caveat));
  text += paint.bold(paint.marked(verdict.mark, verdict.mark + " " + verdict.headline));
  const std::string what = fmt::format("  {} / {}, seed {}, {}", run.scenario, run.run_case, run.seed, span(run.duration));
  text += shortened(one_line(what), kColumns - width(verdict.headline) - 2) + "\n";
  return text + wrapped("  ", verdict.reason) + wrapped("  ", world_in_words(run) + ".");
}

std::size_t widest(const std::vector<std::string>& texts, std::size_t at_most) {
  std::size_t columns = 0;
  for (const std::string& text : texts) columns = std::max(columns, width(text));
  return std::min(columns, at_most);
}

std::string gates(const StoredRun& run, const Paint& paint) {
  if (run.gates.empty()) return {};
  std::vector<std::string> names, thresholds;
  for (const GateRow& gate : run.gates)
    names.push_back(one_line(selection(gate.metric, gate.tags))), thresholds.push_back(one_line(gate.threshold));
  const std::size_t name_columns = widest(names, 44), threshold_columns = widest(thresholds, 24);
  std::string text = "\n" + paint.bold("Gates") + "\n";
  for (std::size_t i = 0; i < run.gates.size(); ++i) {
    const std::string mark = mark_of(run.gates[i].verdict);
    const std::string observed = shortened(one_line(observation(run.gates[i])), kColumns - name_columns - threshold_columns - 8);
    text += "  " + paint.marked(mark, mark) + " " + padded(names[i], name_columns) + "  " + padded(thresholds[i], threshold_columns) +
            "  " + observed + "\n";
  }
  return text;
}

std::string drill_line(const DrillRow& drill) {
  if (!drill.injected_at) return drill.inject + ": " + drill.note;
  std::string text = fmt::format("{} at {}", drill.inject, instant(drill.injected_at));
  const auto then = [&](const char* what, const std::optional<double>& at) {
    if (at) text += fmt::format(", {} +{}", what, figure(*at - *drill.injected_at, "s"));
  };
  then("symptom", drill.first_symptom_at), then("detected", drill.detected_at), then("mitigated", drill.mitigated_at);
  if (drill.recovered_at)
    then("recovered", drill.recovered_at);
  else
    text += ", not recovered";
  text += fmt::format("; {} of {} affected", drill.sessions_affected, counted(drill.sessions_targeted, "session"));
  if (drill.noticed_at)
    text += fmt::format("; the server noticed +{} ({})", figure(*drill.noticed_at - *drill.injected_at, "s"), drill.noticed);
  if (drill.gap_ms) text += fmt::format("; {} on air after a gap of {}", drill.switched_to, figure(*drill.gap_ms / 1e3, "s"));
  if (drill.frames_delivered)
    text += fmt::format("; of {} frames {} missing, {} repeated", *drill.frames_delivered + *drill.frames_missing, *drill.frames_missing,
                        *drill.frames_repeated);
  if (drill.sessions_affected > 0) text += fmt::format(", {} recovered", drill.sessions_recovered);
  return drill.note.empty() ? text : text + "; " + drill.note;
}

std::string drills(const StoredRun& run, const Paint& paint) {
  if (run.drills.empty()) return {};
  std::string text = "\n" + paint.bold("Drills") + "\n";
  for (const DrillRow& drill : run.drills) text += wrapped("  " + shortened(one_line(drill.name), 30) + ": ", drill_line(drill));
  return text;
}

std::string sessions(const RunRow& run, const Paint& paint) {
  return fmt::format("\n{}  {} planned, {} started, {} failed, at most {} at once\n", paint.bold("Sessions"), run.sessions_planned,
                     run.sessions_started, run.sessions_failed, run.peak_concurrent);
}

std::vector<std::size_t> widths_of(const Comparison& comparison) {
  std::vector<std::size_t> columns;
  for (std::size_t i = 0; i < comparison.columns.size(); ++i) {
    columns.push_back(width(comparison.columns[i]) + 2);
    for (const Comparison::Line& line : comparison.lines) columns[i] = std::max(columns[i], width(line.cells[i]) + 2);
  }
  return columns;
}

// The columns from `first` to before `last`.
Comparison part_of(const Comparison& whole, std::size_t first, std::size_t last) {
  const auto cut = [&](const std::vector<std::string>& all) {
    return std::vector(all.begin() + static_cast<std::ptrdiff_t>(first), all.begin() + static_cast<std::ptrdiff_t>(last));
  };
  Comparison part{.columns = cut(whole.columns), .lines = {}};
  for (const Comparison::Line& line : whole.lines) part.lines.push_back({line.name, cut(line.cells)});
  return part;
}

// Names to the left, cells in columns to the right. The name takes what the cells leave; a longer one gets a line of its own.
std::string aligned_part(const std::string& title, const Comparison& comparison, const Paint& paint) {
  const std::vector<std::size_t> columns = widths_of(comparison);
  const std::size_t name_columns = kColumns - 2 - std::accumulate(columns.begin(), columns.end(), std::size_t{0});
  std::string text = "\n" + paint.bold(padded(title, name_columns + 2));
  for (std::size_t i = 0; i < columns.size(); ++i) text += right_aligned(comparison.columns[i], columns[i]);
  for (const Comparison::Line& line : comparison.lines) {
    const std::string name = one_line(line.name);
    if (width(name) > name_columns) text += "\n  " + shortened(name, kColumns - 2);
    text += "\n  " + (width(name) > name_columns ? std::string(name_columns, ' ') : padded(name, name_columns));
    for (std::size_t i = 0; i < columns.size(); ++i) text += right_aligned(line.cells[i], columns[i]);
  }
  return text + "\n";
}

// One below the other, as many columns in each as leave room for the title.
std::string aligned(const std::string& title, Comparison comparison, const Paint& paint) {
  for (std::string& column : comparison.columns) column = shortened(one_line(column), kColumns / 2);
  const std::vector<std::size_t> columns = widths_of(comparison);
  std::string text;
  for (std::size_t first = 0, last = 0; first < columns.size(); first = last) {
    std::size_t taken = 0;
    do taken += columns[last++];
    while (last < columns.size() && taken + columns[last] + width(title) <= kColumns);
    text += aligned_part(title, part_of(comparison, first, last), paint);
  }
  return text;
}

std::string kpis(const StoredRun& run, const Paint& paint) {
  const Comparison comparison = compare_by("cohort", run.kpis);
  return comparison.lines.empty() ? "" : aligned("KPIs by cohort", comparison, paint);
}

// "8.3 ms (8 ms)": measured, and what was set.
std::string against(const std::string& measured, const std::string& set) { return fmt::format("{} ({})", measured, set); }

// Nothing where nothing was measured: the notes tell what a virtual run assumed.
std::string networks(const StoredRun& run, const Paint& paint) {
  Comparison table{.columns = {"RTT (set)", "loss down (set)", "goodput (link)"}, .lines = {}};
  for (const LinkRow& link : run.links) {
    if (!is_measured(link)) continue;
    const std::string rate = link_rate(link) ? figure(link_rate(link), "bps") : "unlimited";
    table.lines.push_back({link.cohort,
                           {against(milliseconds(link.rtt_handshake_ms), milliseconds(link.configured_rtt_ms)),
                            against(figure(measured_loss_down(link), "ratio"), figure(link.configured_loss_down, "ratio")),
                            against(figure(link.goodput, "bps"), rate)}});
  }
  return table.lines.empty() ? "" : aligned(fmt::format("Networks ({})", one_line(run.run.harness.network_backend)), table, paint);
}

std::string delivery(const StoredRun& run, const Paint& paint) {
  if (run.delivery.empty()) return {};
  std::string text = "\n" + paint.bold("Where it breaks") + "\n";
  const std::vector<Break> all = breaks(run);
  if (all.empty()) return text + "  No server met a limit.\n";
  for (std::size_t i = 0; i < all.size(); ++i) text += wrapped(i == 0 ? "  first: " : "  then:  ", in_words(all[i]));
  return text;
}

std::string notes(const RunRow& run, const Paint& paint) {
  if (run.notes.empty()) return {};
  std::string text = "\n" + paint.bold("Notes") + "\n";
  for (const std::string& note : run.notes) text += wrapped("  - ", note);
  return text;
}

}  // namespace

std::string cases_table(const std::vector<CaseRun>& cases, bool colour) {
  return aligned("Cases side by side", compare_cases(cases), Paint{colour});
}

std::string terminal_table(const StoredRun& run, bool colour) {
  const Paint paint{colour};
  return head(run, paint) + gates(run, paint) + drills(run, paint) + sessions(run.run, paint) + kpis(run, paint) + networks(run, paint) +
         delivery(run, paint) + notes(run.run, paint);
}

}  // namespace reports

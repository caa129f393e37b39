#include "reports/formats/html/sections.h"

#include <fmt/format.h>

#include <algorithm>

#include "reports/formats/html/parts.h"
#include "reports/formats/words/escape.h"
#include "reports/formats/words/figures.h"
#include "reports/formats/words/verdict.h"

namespace reports::html {
namespace {

// The style of a verdict: "passed", "failed" or "inconclusive", whatever the store holds.
std::string_view style_of(const std::string& mark) { return mark == "✓" ? "passed" : mark == "✗" ? "failed" : "inconclusive"; }

std::string_view word_of(const std::string& verdict) {
  return verdict == "passed" ? "passed" : verdict == "failed" ? "failed" : "not decided";
}

std::string told_sessions(const RunRow& run) {
  return fmt::format("{} of {} planned started, {} failed, at most {} at once", run.sessions_started, run.sessions_planned,
                     run.sessions_failed, run.peak_concurrent);
}

// With a place to break the line before the tags.
std::string gate_name(const GateRow& gate) {
  std::string html = markup(selection(gate.metric, gate.tags));
  if (const std::size_t brace = html.find('{'); brace != std::string::npos) html.insert(brace, "<wbr>");
  return html;
}

// "91.2 s (+1.2 s)".
std::string after(const std::optional<double>& at, const std::optional<double>& injected_at) {
  return at && injected_at ? fmt::format("{} (+{})", instant(at), figure(*at - *injected_at, "s")) : instant(at);
}

// "p50 1.2 s, longest 2 s".
std::string recovery(const std::vector<double>& times) {
  if (times.empty()) return "–";
  std::vector<double> sorted = times;
  std::sort(sorted.begin(), sorted.end());
  return fmt::format("median {}, longest {}", figure(sorted[(sorted.size() - 1) / 2], "s"), figure(sorted.back(), "s"));
}

std::string emulation_in_words(const std::string& backend) {
  if (backend == "none") return "none: the viewers had the bare network";
  if (backend == "tun") return "user-space router (tun)";
  return backend == "kernel" ? "the kernel's netem" : backend;
}

std::string drill_head(const DrillRow& drill, const std::string& remark) {
  const std::string small = remark.empty() ? "" : fmt::format("<small>{}</small>", markup(remark));
  return fmt::format("{}<small>{}</small>{}", markup(drill.name), markup(drill.inject), small);
}

}  // namespace

std::string opening(const StoredRun& stored) {
  const RunRow& run = stored.run;
  const Verdict verdict = verdict_of(stored);
  std::string html;
  for (const std::string& caveat : verdict.caveats) html += fmt::format("<p class=\"caveat\" role=\"note\">{}</p>\n", markup(caveat));
  html += fmt::format(
      "<div class=\"verdict {}\">\n<p class=\"headline\"><span class=\"mark\" aria-hidden=\"true\">{}</span> {}</p>\n{}</div>\n",
      style_of(verdict.mark), verdict.mark, verdict.headline, paragraph(verdict.reason, "reason"));
  return html + facts({{"World", world_in_words(run)},
                       {"Case", run.run_case},
                       {"Seed", std::to_string(run.seed)},
                       {"Duration", span(run.duration)},
                       {"Sessions", told_sessions(run)},
                       {"Started", run.started_at_utc},
                       {"Version", run.version}});
}

std::string gates_section(const StoredRun& run) {
  if (run.gates.empty())
    return section("gates", "Gates", paragraph(has_completed(run.run) ? "The scenario sets no gates." : "No gate was judged."));
  Table table{"Gates: threshold and what was observed", {"Gate", "Threshold", "Observed", "Verdict"}, "gates"};
  for (const GateRow& gate : run.gates) {
    const std::string mark = mark_of(gate.verdict);
    const std::string head = fmt::format("<span class=\"mark\" aria-hidden=\"true\">{}</span> {}", mark, gate_name(gate));
    table.add_html(head, {markup(gate.threshold), markup(observation(gate)), std::string{word_of(gate.verdict)}}, style_of(mark));
  }
  return section("gates", "Gates", table.html());
}

// What the server made of a struck contribution, and what of it reached the viewers.
std::string contribution_table(const StoredRun& run) {
  if (std::ranges::none_of(run.drills, [](const DrillRow& drill) { return drill.switches.has_value(); })) return {};
  Table table{"The contribution under the drills, until 30 s after their end or the next of them",
              {"Drill", "Noticed", "On air", "after", "Gap at the server", "Switches", "Frames missing", "Frames repeated", "Frames seen"},
              "contribution"};
  for (const DrillRow& drill : run.drills) {
    if (!drill.switches) continue;
    const auto count = [](const std::optional<std::uint64_t>& number) { return number ? std::to_string(*number) : std::string{"–"}; };
    table.add(drill_head(drill, drill.noticed.empty() ? "" : "noticed: " + drill.noticed),
              {after(drill.noticed_at, drill.injected_at), drill.switched_to.empty() ? "as before" : drill.switched_to,
               after(drill.mitigated_at, drill.injected_at), drill.gap_ms ? figure(*drill.gap_ms / 1e3, "s") : "–", count(drill.switches),
               count(drill.frames_missing), count(drill.frames_repeated), count(drill.frames_delivered)});
  }
  return table.html();
}

std::string drills_section(const StoredRun& run) {
  if (run.drills.empty()) return {};
  Table table{"Drills: seconds after the start of the live phase, and after the injection",
              {"Drill", "Injected", "First symptom", "Detected", "Mitigated", "Recovered", "Sessions hit", "Recovery of a session"},
              "drills"};
  for (const DrillRow& drill : run.drills) {
    const std::optional<double>& from = drill.injected_at;
    const std::string hit = fmt::format("{} of {}", drill.sessions_affected, drill.sessions_targeted);
    const std::string back =
        drill.recovery_times.empty() ? "–" : fmt::format("{}: {}", drill.sessions_recovered, recovery(drill.recovery_times));
    table.add(drill_head(drill, drill.note),
              {instant(from), after(drill.first_symptom_at, from), after(drill.detected_at, from), after(drill.mitigated_at, from),
               drill.recovered_at || !from ? after(drill.recovered_at, from) : "not recovered", hit, back});
  }
  return section("drills", "Drills", table.html() + contribution_table(run));
}

std::string harness_section(const StoredRun& run) {
  const HarnessRow& self = run.run.harness;
  const auto ms = [](double milliseconds) { return figure(milliseconds / 1e3, "s"); };
  const auto late = [&](std::optional<double> milliseconds) { return milliseconds ? ms(*milliseconds) : ""; };
  constexpr std::string_view kTitle = "How far to trust these figures";
  if (run.run.world == "virtual")
    return section("harness", kTitle,
                   paragraph("The run was simulated: virtual time is never late, so the figures are as good as the models of network and "
                             "server behind them."));
  std::string html = self.saturated
                         ? paragraph("The harness was saturated: " + self.saturation_reason, "caveat")
                         : paragraph("The harness kept up: its lateness and load stayed within their budgets. It measured of itself:");
  html += facts({{"Starts late by (median)", ms(self.start_lateness_p50_ms)},
                 {"Starts late by (p99)", ms(self.start_lateness_p99_ms)},
                 {"Event loop lag (p99)", ms(self.loop_lag_p99_ms)},
                 {"Processor use", decimal(self.cpu_cores, 3) + " cores"},
                 {"Server's processor use", self.server_cpu_cores > 0 ? decimal(self.server_cpu_cores, 3) + " cores" : ""},
                 {"Router sends late by (median)", late(self.link_lateness_p50_ms)},
                 {"Router sends late by (p99)", late(self.link_lateness_p99_ms)},
                 {"Memory per player", decimal(self.rss_per_player_kb, 3) + " kB"},
                 {"Network emulation", emulation_in_words(self.network_backend)}});
  return section("harness", kTitle, html);
}

std::string notes_section(const StoredRun& run) { return run.run.notes.empty() ? "" : section("notes", "Notes", list(run.run.notes)); }

}  // namespace reports::html

#include "harness/replay/replay_text.h"

#include <fmt/format.h>

namespace harness {
namespace {

std::string number(std::optional<double> value, int decimals) { return value ? fmt::format("{:.{}f}", *value, decimals) : "-"; }
std::string signed_number(std::optional<double> value, int decimals) { return value ? fmt::format("{:+.{}f}", *value, decimals) : "-"; }

std::string row(std::string_view label, std::string_view unit, const std::string& real, const std::string& emulated,
                const std::string& difference, const std::string& target = "", const std::string& met = "") {
  const std::string out =
      fmt::format("  {:<19} {:<7} {:>10} {:>10} {:>12}  {:<26} {}", label, unit, real, emulated, difference, target, met);
  return out.substr(0, out.find_last_not_of(' ') + 1) + "\n";
}

std::string count_row(std::string_view label, std::optional<int> real, std::optional<int> emulated) {
  const auto text = [](std::optional<int> value) { return value ? std::to_string(*value) : std::string{"-"}; };
  return row(label, "", text(real), text(emulated), real && emulated ? fmt::format("{:+}", *emulated - *real) : "-");
}

// "at most 40.4 apart", "at least 90.0".
std::string target_text(const Verdict& verdict) {
  const int decimals = std::max(verdict.form.decimals, 1);
  if (verdict.form.figure == Figure::kAgreement) return fmt::format("at least {}", number(verdict.limit, decimals));
  return fmt::format("at most {} apart", number(verdict.limit, decimals));
}

std::string verdict_row(const Verdict& verdict) {
  const int decimals = verdict.form.decimals;
  return row(verdict.form.label, verdict.form.unit, number(verdict.real, decimals), number(verdict.emulated, decimals),
             signed_number(verdict.difference, decimals), target_text(verdict), verdict.met ? "yes" : "NO");
}

std::string start_row(std::string_view label, const StartErrors& errors) {
  return fmt::format("  {:<19} {} segments: RMSE {:.0f} ms, median {:+.0f} ms, median distance {:.0f} ms\n", label, errors.compared,
                     base::to_milliseconds(errors.rmse), base::to_milliseconds(errors.median),
                     base::to_milliseconds(errors.median_absolute));
}

std::string headline(const ReplayRun& one) {
  const Recording& recording = *one.recording;
  return fmt::format("{} {}{} on {}, as {}", recording.player, recording.version, recording.live ? ", live" : "", recording.trace,
                     one.device.name);
}

std::string failure_line(const ReplayRun& one) {
  return one.emulated.failure ? fmt::format("  the emulated player gave up: {}\n", *one.emulated.failure) : "";
}

std::string spread_cell(const Verdict& verdict) { return number(verdict.spread, std::max(verdict.form.decimals, 1)); }

std::string group_row(const Verdict& verdict) {
  const int decimals = verdict.form.decimals;
  return fmt::format("  {:<19} {:<7} {:>10} {:>10} {:>12} {:>12} {:>12}  {:<22} {}\n", verdict.form.label, verdict.form.unit,
                     number(verdict.real, decimals), number(verdict.emulated, decimals), signed_number(verdict.difference, decimals),
                     number(verdict.distance, decimals), spread_cell(verdict), target_text(verdict), verdict.met ? "yes" : "NO");
}

std::string start_line(const char* what, const StartSummary& starts) {
  return fmt::format("  request starts, {:<22} video RMSE {:.0f} ms, median {:.0f} ms; audio RMSE {:.0f} ms, median {:.0f} ms\n", what,
                     base::to_milliseconds(starts.video_rmse), base::to_milliseconds(starts.video_median),
                     base::to_milliseconds(starts.audio_rmse), base::to_milliseconds(starts.audio_median));
}

}  // namespace

std::string to_text(const ReplayRun& one) {
  const SessionMetrics &real = one.real_metrics, &emulated = one.emulated_metrics;
  std::string out =
      fmt::format("{}  ({:.0f} s, {})\n", headline(one), base::to_seconds(one.recording->session.length), one.recording->file);
  out += row("", "", "real", "emulated", "difference", "target", "met");
  const ReplayRun* const run = &one;
  for (const Verdict& verdict : judge(std::span{&run, 1})) out += verdict_row(verdict);
  out += count_row("stalls", real.stalls, emulated.stalls);
  out += row("stalled", "ms", number(base::to_milliseconds(real.stalled), 0), number(base::to_milliseconds(emulated.stalled), 0),
             signed_number(base::to_milliseconds(emulated.stalled - real.stalled), 0));
  out += count_row("video segments", real.video_segments, emulated.video_segments);
  out += count_row("aborted video", real.aborted, emulated.aborted);
  if (real.connections || emulated.connections) out += count_row("connections", real.connections, emulated.connections);
  out += start_row("video starts", one.agreement.video) + start_row("audio starts", one.agreement.audio);
  return out + failure_line(one);
}

std::string to_text(const ReplayGroup& group) {
  std::string out =
      fmt::format("{}: {} recording{}\n", headline(*group.runs.front()), group.runs.size(), group.runs.size() == 1 ? "" : "s");
  out += fmt::format("  {:<19} {:<7} {:>10} {:>10} {:>12} {:>12} {:>12}  {:<22} {}\n", "", "", "real", "emulated", "difference", "distance",
                     "real spread", "target", "met");
  std::vector<SessionAgreement> agreements;
  for (const Verdict& verdict : group.verdicts) out += group_row(verdict);
  for (const ReplayRun* run : group.runs) agreements.push_back(run->agreement);
  out += start_line("emulated against real:", start_summary(agreements));
  if (const auto among = agreements_among(group.runs); !among.empty()) out += start_line("real against itself:", start_summary(among));
  for (const ReplayRun* run : group.runs) out += failure_line(*run);
  return out;
}

}  // namespace harness

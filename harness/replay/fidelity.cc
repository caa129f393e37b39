#include "harness/replay/fidelity.h"

#include <algorithm>
#include <cmath>

namespace harness {
namespace {

using Runs = std::span<const ReplayRun* const>;

std::optional<double> figure_of(const SessionMetrics& metrics, Figure figure) {
  switch (figure) {
    case Figure::kStartup:
      return metrics.startup ? std::optional{base::to_milliseconds(*metrics.startup)} : std::nullopt;
    case Figure::kRequested:
      return metrics.requested_kbps;
    case Figure::kBuffered:
      return metrics.buffered_kbps;
    case Figure::kStallRatio:
      return 100 * metrics.stall_ratio;
    case Figure::kSwitches:
      return metrics.switches;
    case Figure::kAgreement:
      break;
  }
  return std::nullopt;
}

double mean_of(const std::vector<double>& values) {
  double sum = 0;
  for (const double each : values) sum += each;
  return values.empty() ? 0 : sum / static_cast<double>(values.size());
}

std::optional<double> mean_if_any(const std::vector<double>& values) {
  return values.empty() ? std::nullopt : std::optional{mean_of(values)};
}

// Of each from each other.
std::optional<double> mean_distance(const std::vector<double>& values) {
  std::vector<double> distances;
  for (std::size_t i = 0; i < values.size(); ++i)
    for (std::size_t k = i + 1; k < values.size(); ++k) distances.push_back(std::abs(values[i] - values[k]));
  return mean_if_any(distances);
}

template <class Of>
std::vector<double> collect(Runs runs, Of of) {
  std::vector<double> values;
  for (const ReplayRun* run : runs)
    if (const std::optional<double> value = of(*run)) values.push_back(*value);
  return values;
}

// That a figure exists on one side only is a miss of its own.
bool same_presence(Runs runs, Figure figure) {
  return std::all_of(runs.begin(), runs.end(), [&](const ReplayRun* run) {
    return figure_of(run->real_metrics, figure).has_value() == figure_of(run->emulated_metrics, figure).has_value();
  });
}

std::optional<double> difference_of(const ReplayRun& run, Figure figure) {
  const auto real = figure_of(run.real_metrics, figure), emulated = figure_of(run.emulated_metrics, figure);
  return real && emulated ? std::optional{*emulated - *real} : std::nullopt;
}

Verdict judge_difference(Runs runs, const FigureForm& form) {
  const auto real = collect(runs, [&](const ReplayRun& run) { return figure_of(run.real_metrics, form.figure); });
  const auto emulated = collect(runs, [&](const ReplayRun& run) { return figure_of(run.emulated_metrics, form.figure); });
  std::vector<double> differences = collect(runs, [&](const ReplayRun& run) { return difference_of(run, form.figure); });
  Verdict verdict{.form = form, .real = mean_if_any(real), .emulated = mean_if_any(emulated), .difference = mean_if_any(differences)};
  for (double& each : differences) each = std::abs(each);
  verdict.distance = mean_of(differences);
  verdict.spread = mean_distance(real);
  verdict.limit = std::max({form.absolute, form.relative * verdict.real.value_or(0), verdict.spread.value_or(0)});
  verdict.met = same_presence(runs, form.figure) && verdict.distance <= verdict.limit;
  return verdict;
}

Verdict judge_agreement(Runs runs, const FigureForm& form) {
  std::vector<double> among;
  for (const SessionAgreement& each : agreements_among(runs)) among.push_back(100 * each.same_rung);
  Verdict verdict{.form = form, .real = mean_if_any(among)};
  verdict.distance = mean_of(collect(runs, [](const ReplayRun& run) { return std::optional{100 * run.agreement.same_rung}; }));
  verdict.emulated = verdict.distance;
  if (verdict.real) verdict.difference = verdict.distance - *verdict.real;
  verdict.spread = verdict.real;
  verdict.limit = std::min(kLeastAgreement, verdict.spread.value_or(kLeastAgreement));
  verdict.met = verdict.distance >= verdict.limit;
  return verdict;
}

}  // namespace

ReplayRun compare(const Recording& recording, const ContentTable& content, Device device, SessionRecord emulated) {
  ReplayRun out{.recording = &recording, .content = &content, .device = std::move(device), .emulated = std::move(emulated)};
  out.real_metrics = metrics_of(recording.session, content);
  out.emulated_metrics = metrics_of(out.emulated, content);
  out.agreement = agreement_of(recording.session, out.emulated);
  return out;
}

std::vector<Verdict> judge(Runs runs) {
  std::vector<Verdict> verdicts;
  for (const FigureForm& form : kFigures)
    verdicts.push_back(form.figure == Figure::kAgreement ? judge_agreement(runs, form) : judge_difference(runs, form));
  return verdicts;
}

bool all_met(std::span<const Verdict> verdicts) {
  return std::all_of(verdicts.begin(), verdicts.end(), [](const Verdict& each) { return each.met; });
}

StartSummary start_summary(std::span<const SessionAgreement> agreements) {
  StartSummary sum;
  for (const SessionAgreement& each : agreements) {
    sum.video_rmse += each.video.rmse;
    sum.video_median += each.video.median_absolute;
    sum.audio_rmse += each.audio.rmse;
    sum.audio_median += each.audio.median_absolute;
  }
  const auto count = static_cast<std::int64_t>(std::max<std::size_t>(agreements.size(), 1));
  return {sum.video_rmse / count, sum.video_median / count, sum.audio_rmse / count, sum.audio_median / count};
}

std::vector<SessionAgreement> agreements_among(Runs runs) {
  std::vector<SessionAgreement> out;
  for (std::size_t i = 0; i < runs.size(); ++i)
    for (std::size_t k = i + 1; k < runs.size(); ++k) out.push_back(agreement_of(runs[i]->recording->session, runs[k]->recording->session));
  return out;
}

}  // namespace harness

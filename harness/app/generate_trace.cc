#include "harness/app/generate_trace.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <system_error>
#include <vector>

#include "base/json_reader.h"
#include "base/text.h"
#include "generators/trace/trace_generator.h"
#include "harness/app/no_sign.h"
#include "netem/model/trace_formats.h"

namespace harness {
namespace {

struct TraceTask {
  generators::TraceSpec spec;
  netem::TraceFormat format = netem::TraceFormat::kRehearsal;
};

template <class T>
void take(base::Result<T> parsed, const char* option, T& field, std::vector<base::Problem>& problems) {
  if (parsed.has_value())
    field = *parsed;
  else
    problems.push_back({option, parsed.error().message});
}

// Those that shape one model or two.
struct ModelOption {
  const char* name;
  std::vector<generators::TraceModel> models;
};
const std::vector<ModelOption>& model_options() {
  using enum generators::TraceModel;
  static const std::vector<ModelOption> kOptions{{"--variation", {kAr1, kStep}},
                                                 {"--correlation", {kAr1}},
                                                 {"--dwell", {kMarkov, kStep}},
                                                 {"--outage", {kOutage}},
                                                 {"--between", {kOutage}}};
  return kOptions;
}

void refuse_options_of_other_models(const TraceArguments& arguments, generators::TraceModel model, std::vector<base::Problem>& problems) {
  for (const ModelOption& option : model_options()) {
    if (std::ranges::find(arguments.given, option.name) == arguments.given.end()) continue;
    if (std::ranges::find(option.models, model) != option.models.end()) continue;
    std::string its;
    for (const generators::TraceModel each : option.models) its += (its.empty() ? "" : " and ") + std::string{to_text(each)};
    problems.push_back({option.name, fmt::format("is for {}; {} has no use for it, so leave it out", its, to_text(model))});
  }
}

bool holds_round_trips(netem::TraceFormat format) {
  return format == netem::TraceFormat::kRehearsal || format == netem::TraceFormat::kSabre;
}

TraceTask task_of(const TraceArguments& arguments) {
  std::vector<base::Problem> problems;
  TraceTask task{.spec = {.variation = arguments.variation, .correlation = arguments.correlation, .seed = arguments.seed}};
  const auto model = generators::parse_trace_model(arguments.model);
  take(model, "--model", task.spec.model, problems);
  if (model.has_value()) refuse_options_of_other_models(arguments, *model, problems);
  take(netem::parse_trace_format(arguments.format), "--format", task.format, problems);
  if (arguments.mean.empty())
    problems.push_back({"--mean", "is required; give the mean rate, such as 4mbit, or convert a trace with --from FILE"});
  else
    take(base::parse_bitrate(arguments.mean), "--mean", task.spec.mean, problems);
  take(base::parse_duration(arguments.duration), "--duration", task.spec.length, problems);
  take(base::parse_duration(arguments.step), "--step", task.spec.step, problems);
  take(base::parse_duration(arguments.dwell), "--dwell", task.spec.dwell, problems);
  take(base::parse_duration(arguments.outage), "--outage", task.spec.outage, problems);
  take(base::parse_duration(arguments.between), "--between", task.spec.between, problems);
  if (!arguments.rtt.empty()) take(base::parse_duration(arguments.rtt), "--rtt", task.spec.rtt.emplace(), problems);
  if (!arguments.rtt.empty() && !holds_round_trips(task.format))
    problems.push_back(
        {"--rtt", fmt::format("the {} format holds no round trips; leave --rtt out, or write rehearsal or sabre", arguments.format)});
  if (arguments.file.empty()) problems.push_back({"--out", "is empty; name the file to write"});
  base::throw_if_any("command line", problems);
  return task;
}

std::string text_of(const netem::Trace& trace, netem::TraceFormat format) {
  try {
    return netem::write_trace(trace, format);
  } catch (const base::InvalidInput& failure) {  // names the trace, which nobody has seen yet
    throw base::InvalidInput("command line", {{"--format", failure.problems().front().message}});
  }
}

void write_file(const std::string& file, const std::string& text) {
  std::ofstream out{file, std::ios::binary};
  out << text;
  out.close();
  if (!out)
    throw base::RunFailed(fmt::format("write {}: {}; choose another file with --out", file, std::generic_category().message(errno)));
}

// "wrote lte.json: markov, 58 steps, 5m; mean 4mbit, min 1mbit, max 8mbit, outage 0.0 %".
std::string summary_of(const netem::Trace& trace) {
  const auto [low, high] = std::minmax_element(trace.steps.begin(), trace.steps.end(), [](auto& a, auto& b) { return a.rate < b.rate; });
  base::Duration down{};
  for (const netem::TraceStep& step : trace.steps)
    if (step.rate == base::Bitrate{}) down += step.lasts;
  return fmt::format("{} steps, {}; mean {}, min {}, max {}, outage {:.1f} %", trace.steps.size(), base::to_text(length_of(trace)),
                     base::to_text(mean_rate(trace)), base::to_text(low->rate), base::to_text(high->rate),
                     100 * base::to_seconds(down) / base::to_seconds(length_of(trace)));
}

}  // namespace

CLI::App* add_trace(CLI::App& generate, TraceArguments& arguments) {
  CLI::App* trace = generate.add_subcommand("trace", "a bandwidth trace for a link");
  trace->add_option("--model", arguments.model, "markov (states), ar1 (drifting), outage (on and off) or step (square wave)")
      ->capture_default_str();
  trace->add_option("--mean", arguments.mean, "mean rate, such as 4mbit; outage: the rate while up");
  trace->add_option("--duration", arguments.duration, "length, such as 90s or 5m; the trace repeats after it")->capture_default_str();
  trace->add_option("--step", arguments.step, "granularity of the changes")->capture_default_str();
  trace->add_option("--variation", arguments.variation, "ar1: standard deviation of the log-rate; step: swing, a share of the mean")
      ->capture_default_str();
  trace->add_option("--correlation", arguments.correlation, "ar1: of one step with the next, in [0, 1)")->capture_default_str();
  trace->add_option("--dwell", arguments.dwell, "markov: mean time in a state; step: time at each rate")->capture_default_str();
  trace->add_option("--outage", arguments.outage, "outage: mean time down")->capture_default_str();
  trace->add_option("--between", arguments.between, "outage: mean time up")->capture_default_str();
  trace->add_option("--rtt", arguments.rtt, "round trip in every step, such as 60ms (default: the link's own)");
  trace->add_option("--seed", arguments.seed, "the same seed gives the same trace")->check(no_sign)->capture_default_str();
  CLI::Option* from = trace->add_option("--from", arguments.from, "convert this trace file, of any format, instead of making one");
  for (CLI::Option* shaping : trace->get_options())
    if (shaping != from && shaping != trace->get_help_ptr()) from->excludes(shaping);
  trace->add_option("--format", arguments.format, "rehearsal, sabre, pensieve or mahimahi")->capture_default_str();
  trace->add_option("--out", arguments.file, "the file to write")->required();
  trace->parse_complete_callback([trace, &arguments] {
    for (const CLI::Option* option : trace->get_options())
      if (option->count() > 0) arguments.given.push_back(option->get_name());
  });
  return trace;
}

base::ExitCode convert_trace(const TraceArguments& arguments) {
  std::vector<base::Problem> problems;
  netem::TraceFormat format{};
  take(netem::parse_trace_format(arguments.format), "--format", format, problems);
  if (arguments.file.empty()) problems.push_back({"--out", "is empty; name the file to write"});
  base::throw_if_any("command line", problems);
  const netem::Trace trace = netem::read_trace_file(arguments.from);
  write_file(arguments.file, text_of(trace, format));
  const bool had_round_trips = std::ranges::any_of(trace.steps, [](const netem::TraceStep& step) { return step.rtt.has_value(); });
  fmt::print("wrote {}: {} ({}), {}{}\n", arguments.file, arguments.from, to_text(format), summary_of(trace),
             had_round_trips && !holds_round_trips(format) ? "; its round trips are not in it: the format holds none" : "");
  return base::ExitCode::kPassed;
}

base::ExitCode generate_trace(const TraceArguments& arguments) {
  if (!arguments.from.empty()) return convert_trace(arguments);
  const TraceTask task = task_of(arguments);
  const netem::Trace trace = generators::generate_trace(task.spec);
  write_file(arguments.file, text_of(trace, task.format));
  fmt::print("wrote {}: {} ({}), {}\n", arguments.file, to_text(task.spec.model), to_text(task.format), summary_of(trace));
  return base::ExitCode::kPassed;
}

}  // namespace harness

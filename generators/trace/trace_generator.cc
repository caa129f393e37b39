#include "generators/trace/trace_generator.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/errors.h"
#include "base/random.h"
#include "base/text.h"

namespace generators {
namespace {

using base::Bitrate;
using base::Duration;

constexpr std::int64_t kMostSteps = 1'000'000;
constexpr Duration kShortestStep = std::chrono::milliseconds{1};
constexpr Duration kLongestTrace = std::chrono::hours{24 * 7};
constexpr Bitrate kLowestMean = Bitrate::bits_per_second(1000);
constexpr Bitrate kHighestMean = Bitrate::bits_per_second(10'000'000'000);  // the peaks stay below the 100 Gbit/s of a trace

// Rate relative to the mean, before rescaling.
struct Level {
  Duration lasts;
  double rate;
};

std::vector<base::Problem> problems_of(const TraceSpec& spec) {
  std::vector<base::Problem> problems;
  const auto require = [&](bool good, const char* option, const std::string& text) {
    if (!good) problems.push_back({option, text});
  };
  const auto is = [](auto value) { return base::to_text(value); };
  require(spec.step >= kShortestStep, "--step", fmt::format("is {}; at least 1ms", is(spec.step)));
  require(spec.length >= spec.step && spec.length <= kLongestTrace, "--duration",
          fmt::format("is {}; at least one step of {} and at most 168h", is(spec.length), is(spec.step)));
  require(spec.step < kShortestStep || spec.length / spec.step <= kMostSteps, "--step",
          fmt::format("is {}, which makes more than 1000000 steps of {}; take longer steps", is(spec.step), is(spec.length)));
  require(spec.mean >= kLowestMean && spec.mean <= kHighestMean, "--mean", fmt::format("is {}; between 1kbit and 10gbit", is(spec.mean)));
  const double most = spec.model == TraceModel::kStep ? 1 : 2;
  require(spec.variation >= 0 && spec.variation <= most, "--variation", fmt::format("is {}; in [0, {}]", spec.variation, most));
  require(spec.correlation >= 0 && spec.correlation < 1, "--correlation", fmt::format("is {}; in [0, 1), below 1", spec.correlation));
  const auto require_time = [&](Duration time, const char* option, bool is_used) {
    require(time > Duration::zero(), option, "must be above 0");
    require(time <= Duration::zero() || !is_used || time >= spec.step, option,
            fmt::format("is {}; at least one step of {}, or take shorter steps", is(time), is(spec.step)));
  };
  require_time(spec.dwell, "--dwell", spec.model == TraceModel::kMarkov || spec.model == TraceModel::kStep);
  require_time(spec.outage, "--outage", spec.model == TraceModel::kOutage);
  require_time(spec.between, "--between", spec.model == TraceModel::kOutage);
  require(!spec.rtt || (*spec.rtt >= Duration::zero() && *spec.rtt <= std::chrono::hours{2}), "--rtt", "between 0ms and 2h");
  return problems;
}

// One level per step; the last step may be shorter. `next`: the level of the next step.
template <class Next>
std::vector<Level> stepwise(const TraceSpec& spec, Next next) {
  std::vector<Level> levels;
  for (Duration left = spec.length; left > Duration::zero(); left -= spec.step) levels.push_back({std::min(left, spec.step), next()});
  return levels;
}

// Whether something that lasts `mean` on average ends with this step: a geometric number of steps.
bool ends(base::Random& random, const TraceSpec& spec, Duration mean) {
  return random.chance(base::to_seconds(spec.step) / base::to_seconds(mean));
}

std::vector<Level> markov(const TraceSpec& spec, base::Random& random) {
  constexpr std::array<double, 5> kStates{0.25, 0.5, 1, 1.5, 2};
  std::size_t state = random.below(kStates.size());
  return stepwise(spec, [&] {
    const double rate = kStates[state];
    if (ends(random, spec, spec.dwell)) state = (state + 1 + random.below(kStates.size() - 1)) % kStates.size();
    return rate;
  });
}

std::vector<Level> autoregressive(const TraceSpec& spec, base::Random& random) {
  const double innovation = std::sqrt(1 - spec.correlation * spec.correlation);
  double value = random.normal();
  return stepwise(spec, [&] {
    const double rate = std::exp(spec.variation * value);
    value = spec.correlation * value + innovation * random.normal();
    return rate;
  });
}

std::vector<Level> outages(const TraceSpec& spec, base::Random& random) {
  bool up = true;
  return stepwise(spec, [&] {
    const double rate = up ? 1 : 0;
    if (ends(random, spec, up ? spec.between : spec.outage)) up = !up;
    return rate;
  });
}

std::vector<Level> square_wave(const TraceSpec& spec) {
  std::vector<Level> levels;
  double swing = spec.variation;
  for (Duration left = spec.length; left > Duration::zero(); left -= spec.dwell, swing = -swing)
    levels.push_back({std::min(left, spec.dwell), 1 + swing});
  return levels;
}

std::vector<Level> levels_of(const TraceSpec& spec) {
  base::Random random = base::Random::stream(spec.seed, to_text(spec.model));
  switch (spec.model) {
    case TraceModel::kMarkov:
      return markov(spec, random);
    case TraceModel::kAr1:
      return autoregressive(spec, random);
    case TraceModel::kOutage:
      return outages(spec, random);
    case TraceModel::kStep:
      return square_wave(spec);
  }
  return {};
}

double mean_of(const std::vector<Level>& levels) {
  double carried = 0, seconds = 0;
  for (const Level& level : levels) {
    carried += level.rate * base::to_seconds(level.lasts);
    seconds += base::to_seconds(level.lasts);
  }
  return carried / seconds;
}

netem::Trace trace_of(const std::vector<Level>& levels, const TraceSpec& spec) {
  const double scale = static_cast<double>(spec.mean.bps()) / (spec.model == TraceModel::kOutage ? 1 : mean_of(levels));
  netem::Trace trace{.name = fmt::format("{}-{}-seed{}", to_text(spec.model), base::to_text(spec.mean), spec.seed)};
  for (const Level& level : levels) {
    const netem::TraceStep step{.lasts = level.lasts, .rate = Bitrate::bits_per_second(std::llround(level.rate * scale)), .rtt = spec.rtt};
    if (!trace.steps.empty() && trace.steps.back().rate == step.rate)
      trace.steps.back().lasts += step.lasts;
    else
      trace.steps.push_back(step);
  }
  return trace;
}

}  // namespace

base::Result<TraceModel> parse_trace_model(std::string_view word) {
  for (const TraceModel model : {TraceModel::kMarkov, TraceModel::kAr1, TraceModel::kOutage, TraceModel::kStep})
    if (word == to_text(model)) return model;
  return base::error(fmt::format("\"{}\" is not a trace model; known: markov, ar1, outage, step", word));
}

const char* to_text(TraceModel model) {
  switch (model) {
    case TraceModel::kMarkov:
      return "markov";
    case TraceModel::kAr1:
      return "ar1";
    case TraceModel::kOutage:
      return "outage";
    case TraceModel::kStep:
      return "step";
  }
  return "?";
}

netem::Trace generate_trace(const TraceSpec& spec) {
  if (const auto problems = problems_of(spec); !problems.empty()) throw base::InvalidInput("command line", problems);
  netem::Trace trace = trace_of(levels_of(spec), spec);
  std::vector<base::Problem> problems;
  for (const std::string& fault : faults_of(trace)) problems.push_back({"--mean", fmt::format("makes no valid trace: {}", fault)});
  if (!problems.empty()) throw base::InvalidInput("command line", problems);
  return trace;
}

}  // namespace generators

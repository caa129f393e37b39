#include "generators/trace/trace_generator.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>

#include "base/errors.h"

namespace generators {
namespace {

using base::Bitrate;
using base::Duration;
using netem::Trace;
using netem::TraceStep;
using testing::ElementsAre;
using namespace base::literals;

constexpr TraceModel kModels[] = {TraceModel::kMarkov, TraceModel::kAr1, TraceModel::kOutage, TraceModel::kStep};

// FNV-1a over durations and rates.
std::uint64_t hash_of(const Trace& trace) {
  std::uint64_t hash = 0xCBF29CE484222325ull;
  const auto add = [&](std::int64_t value) {
    for (int shift = 0; shift < 64; shift += 8) hash = (hash ^ ((static_cast<std::uint64_t>(value) >> shift) & 0xFF)) * 0x100000001B3ull;
  };
  for (const TraceStep& step : trace.steps) {
    add(step.lasts.count());
    add(step.rate.bps());
  }
  return hash;
}

// The rate of every step of one second.
std::vector<double> seconds_of(const Trace& trace) {
  std::vector<double> out;
  for (const TraceStep& step : trace.steps)
    out.insert(out.end(), static_cast<std::size_t>(step.lasts / 1s), static_cast<double>(step.rate.bps()));
  return out;
}

TEST(GenerateTrace, GivesTheSameTraceForTheSameArguments) {
  const std::pair<TraceModel, std::uint64_t> golden[] = {{TraceModel::kMarkov, 6940928974834835854ull},
                                                         {TraceModel::kAr1, 10757990575274025322ull},
                                                         {TraceModel::kOutage, 7230882223605755975ull},
                                                         {TraceModel::kStep, 11649575048927563231ull}};
  for (const auto& [model, hash] : golden) EXPECT_EQ(hash_of(generate_trace({.model = model, .mean = 4_Mbps})), hash) << to_text(model);
}

TEST(GenerateTrace, GivesAnotherTraceForAnotherSeed) {
  for (const TraceModel model : {TraceModel::kMarkov, TraceModel::kAr1, TraceModel::kOutage})
    EXPECT_NE(hash_of(generate_trace({.model = model, .mean = 4_Mbps, .seed = 1})),
              hash_of(generate_trace({.model = model, .mean = 4_Mbps, .seed = 2})));
}

TEST(GenerateTrace, MeetsTheMeanWithinAPercent) {
  for (const TraceModel model : {TraceModel::kMarkov, TraceModel::kAr1, TraceModel::kStep})
    for (const Duration length : {Duration{15s}, Duration{5min}, Duration{61500ms}})
      for (std::uint64_t seed = 1; seed <= 50; ++seed) {
        const Trace trace = generate_trace({.model = model, .length = length, .mean = 700_kbps, .seed = seed});
        EXPECT_EQ(length_of(trace), length);
        EXPECT_NEAR(mean_rate(trace).kbps(), 700, 7) << to_text(model);
      }
}

TEST(GenerateTrace, MakesValidTracesWithoutEqualNeighbours) {
  for (const TraceModel model : kModels)
    for (std::uint64_t seed = 1; seed <= 50; ++seed) {
      const Trace trace = generate_trace({.model = model, .mean = 4_Mbps, .rtt = 60ms, .seed = seed});
      EXPECT_TRUE(faults_of(trace).empty());
      for (const TraceStep& step : trace.steps) EXPECT_EQ(step.rtt, 60ms);
      for (std::size_t i = 1; i < trace.steps.size(); ++i) EXPECT_NE(trace.steps[i].rate, trace.steps[i - 1].rate);
    }
}

TEST(GenerateTrace, KeepsMarkovStatesForTheDwell) {
  const Trace trace = generate_trace({.model = TraceModel::kMarkov, .length = 100h, .mean = 4_Mbps, .dwell = 20s});
  const double states = static_cast<double>(trace.steps.size());
  // Geometric with mean 20: deviation sqrt(20 x 19).
  EXPECT_NEAR(360'000 / states, 20, 3 * std::sqrt(20 * 19 / states));
  std::vector<double> levels;
  for (const TraceStep& step : trace.steps) levels.push_back(static_cast<double>(step.rate.bps()));
  std::sort(levels.begin(), levels.end());
  levels.erase(std::unique(levels.begin(), levels.end()), levels.end());
  ASSERT_EQ(levels.size(), 5u);
  for (const auto& [i, multiple] : {std::pair{1, 2.0}, {2, 4.0}, {3, 6.0}, {4, 8.0}})
    EXPECT_NEAR(levels[static_cast<std::size_t>(i)] / levels[0], multiple, 1e-5);
}

TEST(GenerateTrace, GivesAr1TheVariationAndCorrelationAskedFor) {
  const std::vector<double> rates =
      seconds_of(generate_trace({.model = TraceModel::kAr1, .length = 100h, .mean = 4_Mbps, .variation = 0.4, .correlation = 0.8}));
  ASSERT_EQ(rates.size(), 360'000u);
  double sum = 0, squares = 0, products = 0;
  for (const double rate : rates) sum += std::log(rate);
  const double n = static_cast<double>(rates.size()), mean = sum / n;
  for (std::size_t i = 0; i < rates.size(); ++i) {
    squares += std::pow(std::log(rates[i]) - mean, 2);
    if (i > 0) products += (std::log(rates[i]) - mean) * (std::log(rates[i - 1]) - mean);
  }
  EXPECT_NEAR(std::sqrt(squares / n), 0.4, 3 * 0.4 * std::sqrt((1 + 0.64) / (1 - 0.64) / (2 * n)));
  EXPECT_NEAR(products / squares, 0.8, 3 * std::sqrt((1 - 0.64) / n));
}

TEST(GenerateTrace, InterruptsForTheTimesAskedFor) {
  const Trace trace = generate_trace({.model = TraceModel::kOutage, .length = 160h, .mean = 4_Mbps, .outage = 8s, .between = 40s});
  double down = 0, up = 0, outages = 0;
  for (const TraceStep& step : trace.steps) {
    EXPECT_TRUE(step.rate == 4_Mbps || step.rate == 0_Mbps);
    (step.rate == 0_Mbps ? down : up) += base::to_seconds(step.lasts);
    outages += step.rate == 0_Mbps;
  }
  EXPECT_NEAR(down / outages, 8, 3 * std::sqrt(8 * 7 / outages));
  EXPECT_NEAR(up / outages, 40, 3 * std::sqrt(40 * 39 / outages));
}

TEST(GenerateTrace, DrawsASquareWave) {
  const Trace trace = generate_trace({.model = TraceModel::kStep, .length = 40s, .mean = 4_Mbps, .variation = 0.25, .dwell = 10s});
  EXPECT_THAT(trace.steps, ElementsAre(TraceStep{.lasts = 10s, .rate = 5_Mbps}, TraceStep{.lasts = 10s, .rate = 3_Mbps},
                                       TraceStep{.lasts = 10s, .rate = 5_Mbps}, TraceStep{.lasts = 10s, .rate = 3_Mbps}));
}

TEST(GenerateTrace, IsFlatWithoutVariation) {
  EXPECT_THAT(generate_trace({.model = TraceModel::kAr1, .mean = 4_Mbps, .variation = 0}).steps,
              ElementsAre(TraceStep{.lasts = 5min, .rate = 4_Mbps}));
}

TEST(GenerateTrace, ListsEveryValueOutOfRange) {
  const TraceSpec bad{.model = TraceModel::kStep,
                      .length = 8 * 24h,
                      .step = 1s,
                      .variation = 1.5,
                      .correlation = 1,
                      .dwell = 1ms,
                      .outage = 0s,
                      .between = -1s,
                      .rtt = 3h};
  try {
    generate_trace(bad);
    FAIL() << "accepted";
  } catch (const base::InvalidInput& failure) {
    std::vector<std::string> options;
    for (const base::Problem& problem : failure.problems()) options.push_back(problem.path);
    EXPECT_THAT(options, ElementsAre("--duration", "--mean", "--variation", "--correlation", "--dwell", "--outage", "--between", "--rtt"));
  }
}

TEST(GenerateTrace, AsksTheTimesOfItsModelForAWholeStep) {
  EXPECT_THROW(generate_trace({.model = TraceModel::kOutage, .mean = 4_Mbps, .outage = 500ms}), base::InvalidInput);
  EXPECT_THROW(generate_trace({.model = TraceModel::kMarkov, .mean = 4_Mbps, .dwell = 500ms}), base::InvalidInput);
  EXPECT_NO_THROW(generate_trace({.model = TraceModel::kMarkov, .mean = 4_Mbps, .outage = 500ms}));
}

TEST(GenerateTrace, RefusesStepsThatAreTooShortOrTooMany) {
  EXPECT_THROW(generate_trace({.step = 0s, .mean = 4_Mbps}), base::InvalidInput);
  EXPECT_THROW(generate_trace({.length = 10h, .step = 1ms, .mean = 4_Mbps}), base::InvalidInput);
  EXPECT_THROW(generate_trace({.length = 500ms, .mean = 4_Mbps}), base::InvalidInput);
}

TEST(GenerateTrace, RefusesNotANumber) {
  EXPECT_THROW(generate_trace({.model = TraceModel::kAr1, .mean = 4_Mbps, .variation = std::nan("")}), base::InvalidInput);
  EXPECT_THROW(generate_trace({.model = TraceModel::kAr1, .mean = 4_Mbps, .correlation = std::nan("")}), base::InvalidInput);
}

TEST(TraceModels, AreReadByTheirWords) {
  for (const TraceModel model : kModels) EXPECT_EQ(*parse_trace_model(to_text(model)), model);
  EXPECT_EQ(parse_trace_model("sine").error().message, "\"sine\" is not a trace model; known: markov, ar1, outage, step");
}

}  // namespace
}  // namespace generators

// The histogram that every sample of a run goes through.
#include <benchmark/benchmark.h>

#include <vector>

#include "base/histogram.h"
#include "base/random.h"

namespace {

std::vector<double> samples() {
  base::Random random{1};
  std::vector<double> values(4096);
  for (double& value : values) value = random.exponential(0.2);
  return values;
}

void histogram_add(benchmark::State& state) {
  const std::vector<double> values = samples();
  base::Histogram histogram;
  std::size_t i = 0;
  for (auto _ : state) histogram.add(values[i++ % values.size()]);
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(histogram_add);

void histogram_quantile(benchmark::State& state) {
  base::Histogram histogram;
  for (const double value : samples()) histogram.add(value);
  for (auto _ : state) benchmark::DoNotOptimize(histogram.quantile(0.99));
}
BENCHMARK(histogram_quantile);

}  // namespace

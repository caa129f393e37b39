// TCP as a fluid beside TCP packet by packet: how far apart download times may be. fidelity_fluid prints the whole table.
#include "tests/fidelity/tcp/fluid_cases.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <numeric>

#include "tests/fidelity/lab/trace_link.h"
#include "tests/fidelity/tcp/shared_cases.h"
#include "tests/fidelity/tcp/virtual_load.h"

namespace fidelity {
namespace {

struct Bounds {
  double median, p95, mean;
};

void expect_close(const std::vector<FluidCase>& cases, int megabytes, const Bounds& bounds,
                  harness::CongestionControl control = harness::CongestionControl::kCubic) {
  std::vector<double> apart;
  for (const FluidCase& one : cases) apart.push_back(measure(one, megabytes, control).apart());
  const FluidSummary summary = summary_of(apart);
  EXPECT_LE(summary.median, bounds.median);
  EXPECT_LE(summary.p95, bounds.p95);
  EXPECT_NEAR(std::accumulate(apart.begin(), apart.end(), 0.0) / static_cast<double>(apart.size()), 0, bounds.mean) << "neither is faster";
}

std::vector<FluidCase> of_kind(FluidCase::Kind kind) {
  std::vector<FluidCase> out;
  for (const auto& cases : {lossless_cases(), stream_cases()})
    for (const FluidCase& one : cases)
      if (one.kind == kind) out.push_back(one);
  return out;
}

TEST(FluidBesidePackets, NewConnections) { expect_close(of_kind(FluidCase::Kind::kCold), 1, {.median = 0.01, .p95 = 0.05, .mean = 0.01}); }
TEST(FluidBesidePackets, ConnectionsInUse) {
  expect_close(of_kind(FluidCase::Kind::kWarm), 1, {.median = 0.01, .p95 = 0.12, .mean = 0.02});
}
TEST(FluidBesidePackets, RestedConnections) {
  expect_close(of_kind(FluidCase::Kind::kRested), 1, {.median = 0.01, .p95 = 0.12, .mean = 0.02});
}
TEST(FluidBesidePackets, TwoAtOnce) { expect_close(of_kind(FluidCase::Kind::kParallel), 1, {.median = 0.04, .p95 = 0.18, .mean = 0.03}); }

TEST(FluidBesidePackets, TwoStreams) {
  expect_close(of_kind(FluidCase::Kind::kTwoStreams), 1, {.median = 0.01, .p95 = 0.22, .mean = 0.03});
}
TEST(FluidBesidePackets, SixStreams) {
  expect_close(of_kind(FluidCase::Kind::kSixStreams), 1, {.median = 0.015, .p95 = 0.2, .mean = 0.02});
}
TEST(FluidBesidePackets, ASmallStreamThatIsAskedForLater) {
  expect_close(of_kind(FluidCase::Kind::kSmallLater), 1, {.median = 0.03, .p95 = 0.5, .mean = 0.07});
}

TEST(FluidBesidePackets, LinksWhoseDelayVaries) { expect_close(jittery_cases(), 10, {.median = 0.03, .p95 = 0.1, .mean = 0.02}); }

constexpr auto kBbr = harness::CongestionControl::kBbr;

TEST(FluidBbrBesidePackets, NewConnections) {
  expect_close(of_kind(FluidCase::Kind::kCold), 1, {.median = 0.02, .p95 = 0.07, .mean = 0.02}, kBbr);
}
TEST(FluidBbrBesidePackets, ConnectionsInUse) {
  expect_close(of_kind(FluidCase::Kind::kWarm), 1, {.median = 0.01, .p95 = 0.13, .mean = 0.02}, kBbr);
}
TEST(FluidBbrBesidePackets, RestedConnections) {
  expect_close(of_kind(FluidCase::Kind::kRested), 1, {.median = 0.01, .p95 = 0.13, .mean = 0.02}, kBbr);
}
TEST(FluidBbrBesidePackets, TwoAtOnce) {
  expect_close(of_kind(FluidCase::Kind::kParallel), 1, {.median = 0.04, .p95 = 0.15, .mean = 0.03}, kBbr);
}
TEST(FluidBbrBesidePackets, LinksWhoseDelayVaries) { expect_close(jittery_cases(), 10, {.median = 0.03, .p95 = 0.13, .mean = 0.02}, kBbr); }

class FluidOverTraces : public testing::TestWithParam<const char*> {};

TEST_P(FluidOverTraces, ComesClose) {
  const TraceLink link = read_trace_link(std::string{REHEARSAL_SOURCE_DIR} + "/tests/" + GetParam());
  const auto trace = std::get<std::shared_ptr<const netem::Trace>>(link.link.down.rate);
  expect_close(traced_cases(*trace), 1, {.median = 0.01, .p95 = 0.08, .mean = 0.02});
}

TEST_P(FluidOverTraces, ComesCloseWithBbr) {
  const TraceLink link = read_trace_link(std::string{REHEARSAL_SOURCE_DIR} + "/tests/" + GetParam());
  const auto trace = std::get<std::shared_ptr<const netem::Trace>>(link.link.down.rate);
  expect_close(traced_cases(*trace), 1, {.median = 0.02, .p95 = 0.12, .mean = 0.02}, kBbr);
}

INSTANTIATE_TEST_SUITE_P(Traces, FluidOverTraces,
                         testing::Values("fidelity/traces/lte-short.json", "data/recordings/traces/lte-markov.json",
                                         "data/recordings/traces/cliff.json"));

// The load of tests/fidelity/tcp/compare: small files beside large ones, which fill the queue. Sums over both of its chains.
struct LoadTimes {
  double audio = 0, video = 0;  // ms
};

LoadTimes times_of(const base::Json& run) {
  LoadTimes out;
  for (const base::Json& each : run["downloads"]) {
    const double took = each["end_ms"].get<double>() - each["start_ms"].get<double>();
    (each["chain"].get<int>() == 0 ? out.audio : out.video) += took;
  }
  return out;
}

// A few milliseconds decide in which round slow start ends, of packets and here.
Load audio_beside_video(base::Duration starts) {
  constexpr base::Duration gap = std::chrono::milliseconds{8};
  const Chain audio{.gap = gap, .bytes = {24680, 24532, 24558, 24418, 24351, 24436, 24680, 24532, 24558, 24418, 24351, 24436}};
  return {.chains = {audio, {.starts = starts, .gap = gap, .bytes = {394671, 375745, 338071, 384830}}}};
}

class FluidUnderLoad : public testing::TestWithParam<std::pair<const char*, double>> {};

void expect_close_under_load(const std::string& trace, double audio, harness::CongestionControl control) {
  const TraceLink link = read_trace_link(std::string{REHEARSAL_SOURCE_DIR} + "/tests/" + trace);
  LoadTimes packets, fluid;
  for (int variant = 0; variant < 20; ++variant) {
    const Load load = audio_beside_video(std::chrono::milliseconds{4 * variant});
    const VirtualRun run{.control = control, .seed = static_cast<std::uint64_t>(variant) + 1};
    const LoadTimes one = times_of(run_in_virtual_time(load, link, run, nullptr)), other = times_of(run_as_fluid(load, link, run));
    packets.audio += one.audio, packets.video += one.video, fluid.audio += other.audio, fluid.video += other.video;
  }
  EXPECT_NEAR(fluid.audio / packets.audio, 1, audio);
  EXPECT_NEAR(fluid.video / packets.video, 1, 0.03);
}

TEST_P(FluidUnderLoad, SmallFilesBesideLargeOnesTakeAsLong) {
  expect_close_under_load(GetParam().first, GetParam().second, harness::CongestionControl::kCubic);
}
TEST_P(FluidUnderLoad, SmallFilesBesideLargeOnesTakeAsLongWithBbr) { expect_close_under_load(GetParam().first, GetParam().second, kBbr); }

// steady-2500 misses this by far (docs/tcp.md).
INSTANTIATE_TEST_SUITE_P(Traces, FluidUnderLoad,
                         testing::Values(std::pair{"fidelity/traces/lte-short.json", 0.1},
                                         std::pair{"data/recordings/traces/cliff.json", 0.1}));

// Means over seeds; of large downloads the tests would take minutes.
std::vector<FluidCase> without_large(std::vector<FluidCase> cases) {
  std::erase_if(cases, [](const FluidCase& one) { return one.bytes > 250'000; });
  return cases;
}

class FluidOverLosses : public testing::TestWithParam<double> {};

TEST_P(FluidOverLosses, ComesCloseOnAverage) {
  expect_close(without_large(lossy_cases(GetParam())), 20, {.median = 0.05, .p95 = 0.12, .mean = 0.03});
}

INSTANTIATE_TEST_SUITE_P(Losses, FluidOverLosses, testing::Values(0.005, 0.02));

// Of a second and less: with larger files chance weighs more, and the test would take minutes.
TEST(FluidBesidePackets, ViewersBehindOneBottleneck) {
  std::vector<double> mean, median, carried;
  for (const SharedCase& one : shared_cases()) {
    if (one.bytes > 500'000) continue;
    const SharedTimes packets = packets_of(one, 1), fluid = fluid_of(one, 1);
    mean.push_back(fluid.mean / packets.mean - 1);
    median.push_back(fluid.median / packets.median - 1);
    carried.push_back(fluid.carried / packets.carried - 1);
  }
  EXPECT_LE(summary_of(mean).median, 0.03);
  EXPECT_LE(summary_of(mean).most, 0.2);
  EXPECT_LE(summary_of(median).median, 0.05);
  EXPECT_LE(summary_of(carried).median, 0.03);
  EXPECT_LE(summary_of(carried).most, 0.08);
}

TEST(FluidBesidePackets, PacketsThatArriveTwice) {
  expect_close(without_large(duplicated_cases(0.05)), 10, {.median = 0.01, .p95 = 0.12, .mean = 0.02});
}

TEST(FluidBesidePackets, LinksWhoseAcknowledgementsAreTheLimit) {
  expect_close(acknowledged_cases(), 1, {.median = 0.12, .p95 = 0.25, .mean = 0.08});
}

struct Overtaking {
  double down, up;
  Bounds bounds;
};

class FluidOverReordering : public testing::TestWithParam<Overtaking> {};

TEST_P(FluidOverReordering, ComesCloseOnAverage) {
  const auto& [down, up, bounds] = GetParam();
  expect_close(without_large(reordered_cases(down, up)), 10, bounds);
}

INSTANTIATE_TEST_SUITE_P(Ways, FluidOverReordering,
                         testing::Values(Overtaking{0.01, 0, {.median = 0.02, .p95 = 0.15, .mean = 0.03}},
                                         Overtaking{0.05, 0, {.median = 0.03, .p95 = 0.2, .mean = 0.03}},
                                         Overtaking{0, 0.05, {.median = 0.02, .p95 = 0.15, .mean = 0.03}},
                                         Overtaking{0.25, 0, {.median = 0.05, .p95 = 0.3, .mean = 0.06}},
                                         Overtaking{0, 0.25, {.median = 0.02, .p95 = 0.2, .mean = 0.03}}),
                         [](const auto& ways) {
                           return fmt::format("{}PercentDown{}PercentUp", ways.param.down * 100, ways.param.up * 100);
                         });

}  // namespace
}  // namespace fidelity

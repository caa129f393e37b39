// What PacketTransport promises beyond the contract of every Transport: connections as a browser keeps them, and packets that share
// a queue.
#include "harness/transport/packet_transport.h"

#include <gtest/gtest.h>

#include <map>

#include "base/virtual_timeline.h"

namespace harness {
namespace {

using namespace base::literals;

struct SizedServer final : ModelServer {
  ModelReply reply(base::Instant now, const TransportRequest& request) override {
    heard_at.push_back(now);
    return {.bytes = base::ByteCount::bytes(std::stol(request.url->substr(request.url->rfind('/') + 1))), .think = think};
  }
  std::vector<base::Instant> heard_at;
  base::Duration think{};
};

struct Told final : TransferReceiver {
  void on_progress(TransferId, const TransferProgress& now) override { progress.push_back(now); }
  void on_outcome(TransferId id, TransportOutcome&& outcome) override { of[id] = std::move(outcome); }
  std::map<TransferId, TransportOutcome> of;
  std::vector<TransferProgress> progress;
};

class PacketTransportTest : public testing::Test {
 protected:
  static netem::LinkSpec link() {
    netem::LinkSpec spec;
    spec.down = {.rate = 8_Mbps, .delay = 20ms, .queue = 4'000'000_B};
    spec.up = {.rate = 8_Mbps, .delay = 20ms, .queue = 4'000'000_B};
    return spec;
  }
  TransferId start(int bytes, base::Duration every = {}) {
    return transport_.start({.url = "http://host/" + std::to_string(bytes), .timeout = 100s, .progress_every = every}, told_);
  }
  void run(base::Duration time = 200s) { timeline_.run_until(timeline_.now() + time); }
  base::Duration took(TransferId id) { return told_.of.at(id).took; }
  base::VirtualTimeline timeline_;
  SizedServer server_;
  Told told_;
  PacketTransport transport_{timeline_, server_, [](base::ViewerId) { return ModelLink{link(), base::VirtualTimeline::kStart}; }};
};

TEST_F(PacketTransportTest, TheFirstRequestTakesTwoRoundTrips) {
  const TransferId id = start(1000);
  run();
  EXPECT_GT(told_.of.at(id).ttfb, 80ms);
  EXPECT_LT(told_.of.at(id).ttfb, 83ms);
}

TEST_F(PacketTransportTest, AKeptConnectionSavesOne) {
  start(1000);
  run(10s);
  const TransferId id = start(1000);
  run();
  EXPECT_LT(told_.of.at(id).ttfb, 43ms);
}

TEST_F(PacketTransportTest, TheServersThoughtDelaysTheFirstByte) {
  server_.think = 100ms;
  const TransferId id = start(1000);
  run();
  EXPECT_GT(told_.of.at(id).ttfb, 180ms);
}

TEST_F(PacketTransportTest, ALongTransferFillsTheLink) {
  const TransferId id = start(8'000'000);
  run();
  EXPECT_NEAR(base::to_seconds(took(id) - told_.of.at(id).ttfb) / (8.0 * 1500 / 1448), 1, 0.01);
}

TEST_F(PacketTransportTest, TwoTransfersShareTheLink) {
  const TransferId one = start(4'000'000), other = start(4'000'000);
  run();
  EXPECT_NEAR(base::to_seconds(took(one)) / base::to_seconds(took(other)), 1, 0.25);
  EXPECT_NEAR(base::to_seconds(std::max(took(one), took(other))), 8.0 * 1500 / 1448, 0.15);
}

TEST_F(PacketTransportTest, SixConnectionsAreTheMostToAHost) {
  for (int i = 0; i < 8; ++i) start(200'000);
  run(100ms);
  EXPECT_EQ(server_.heard_at.size(), 6u);
  run();
  EXPECT_EQ(server_.heard_at.size(), 8u);
}

TEST_F(PacketTransportTest, AWaitingRequestTakesTheConnectionThatIsFreeFirst) {
  start(100);
  run(10s);
  start(200);
  const TransferId waiting = start(300);  // needs no handshake of its own: the other answer is over before it
  run();
  EXPECT_LT(told_.of.at(waiting).ttfb, 90ms);
}

TEST_F(PacketTransportTest, AnAbortedTransferLeavesItsBytesInTheQueue) {
  start(100);
  run(10s);
  const TransferId aborted = start(8'000'000);
  run(3s);
  transport_.cancel(aborted);
  const TransferId id = start(1000);
  run();
  EXPECT_FALSE(told_.of.contains(aborted));
  EXPECT_GT(told_.of.at(id).ttfb, 200ms) << "behind what the server had sent";
  EXPECT_LT(told_.of.at(id).ttfb, 3s) << "and no more: the server was told";
}

TEST_F(PacketTransportTest, AnAbortCostsTheConnection) {
  const TransferId aborted = start(100'000);
  run(100ms);
  transport_.cancel(aborted);
  run(10s);
  const TransferId id = start(1000);
  run();
  EXPECT_GT(told_.of.at(id).ttfb, 80ms);
}

TEST_F(PacketTransportTest, AnAbortBeforeTheRequestIsSentKeepsTheConnection) {
  transport_.cancel(start(1000));
  run(10s);
  const TransferId id = start(1000);
  run();
  EXPECT_LT(told_.of.at(id).ttfb, 43ms);
}

TEST_F(PacketTransportTest, ProgressComesWithTheFirstByteAndThenAsOftenAsWanted) {
  const TransferId id = start(1'000'000, 100ms);
  run();
  ASSERT_GE(told_.progress.size(), 2u);
  EXPECT_EQ(told_.progress.front().ttfb, told_.of.at(id).ttfb);
  EXPECT_EQ(told_.progress.front().expected, 1'000'000_B);
  EXPECT_LE(told_.progress.size(), 2 + static_cast<std::size_t>((took(id) - told_.of.at(id).ttfb) / 100ms));
}

// Losses leave gaps: what lies beyond one is not there yet.
TEST_F(PacketTransportTest, ProgressMeansMoreBytesInOrder) {
  std::size_t seen = 0;
  PacketTransport lossy{timeline_, server_, [](base::ViewerId) {
                          netem::LinkSpec spec = link();
                          spec.down.loss = netem::RandomLoss{0.05};
                          return ModelLink{spec, base::VirtualTimeline::kStart};
                        }};
  lossy.start({.url = "http://host/1000000", .timeout = 100s, .progress_every = 1ns}, told_);
  run();
  ASSERT_GT(told_.progress.size(), 100u);
  for (std::size_t i = 1; i < told_.progress.size(); ++i) seen += told_.progress[i].received > told_.progress[i - 1].received ? 0 : 1;
  EXPECT_EQ(seen, 0u);
}

TEST_F(PacketTransportTest, TellsOfEveryPacket) {
  std::size_t passed = 0, lost = 0;
  PacketOptions options;
  options.watch = [&](const TcpPacket&, bool passes) { ++(passes ? passed : lost); };
  PacketTransport watched{timeline_, server_,
                          [](base::ViewerId) {
                            netem::LinkSpec spec = link();
                            spec.down.queue = 20'000_B;
                            return ModelLink{spec, base::VirtualTimeline::kStart};
                          },
                          options};
  watched.start({.url = "http://host/1000000", .timeout = 100s}, told_);
  run();
  EXPECT_GT(lost, 0u);
  EXPECT_GT(passed, 1'000'000u / kTcpSegmentSize);
}

// Twenty transfers over a link that loses by chance.
std::vector<base::Duration> lossy_run(std::uint64_t seed) {
  base::VirtualTimeline timeline;
  SizedServer server;
  Told told;
  PacketTransport transport{timeline,
                            server,
                            [](base::ViewerId) {
                              netem::LinkSpec spec{.down = {.rate = 8_Mbps, .delay = 20ms}, .up = {.rate = 8_Mbps, .delay = 20ms}};
                              spec.down.loss = netem::RandomLoss{0.03};
                              return ModelLink{spec, base::VirtualTimeline::kStart};
                            },
                            {.seed = seed}};
  std::vector<base::Duration> took;
  for (int i = 0; i < 20; ++i) transport.start({.url = "http://host/" + std::to_string(100'000 + i), .timeout = 100s}, told);
  timeline.run_until(timeline.now() + 200s);
  for (const auto& [id, outcome] : told.of) took.push_back(outcome.failure.empty() ? outcome.took : base::Duration{});
  return took;
}

TEST(PacketTransportSeeds, TheSameSeedGivesTheSameRun) { EXPECT_EQ(lossy_run(7), lossy_run(7)); }
TEST(PacketTransportSeeds, AnotherSeedGivesAnother) { EXPECT_NE(lossy_run(7), lossy_run(8)); }
TEST(PacketTransportSeeds, LossesFailNoTransfer) {
  const std::vector<base::Duration> took = lossy_run(9);
  EXPECT_EQ(took.size(), 20u);
  EXPECT_GT(*std::min_element(took.begin(), took.end()), base::Duration{});
}

}  // namespace
}  // namespace harness

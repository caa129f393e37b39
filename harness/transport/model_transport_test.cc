// What ModelTransport promises beyond the contract of every Transport: exact times.
#include "harness/transport/model_transport.h"

#include <gtest/gtest.h>

#include <map>

#include "base/virtual_timeline.h"

namespace harness {
namespace {

using namespace base::literals;

struct FixedServer final : ModelServer {
  ModelReply reply(base::Instant now, const TransportRequest& request) override {
    heard_at.push_back(now);
    return {.bytes = base::ByteCount::bytes(std::stol(request.url.substr(request.url.rfind('/') + 1))), .think = 2ms};
  }
  std::vector<base::Instant> heard_at;
};

struct Outcomes final : TransferReceiver {
  void on_progress(TransferId, const TransferProgress& now) override { progress.push_back(now.received); }
  void on_outcome(TransferId id, TransportOutcome outcome) override { of[id] = std::move(outcome); }
  std::map<TransferId, TransportOutcome> of;
  std::vector<base::ByteCount> progress;
};

class ModelTransportTest : public testing::Test {
 protected:
  TransferId start(int bytes, std::uint32_t viewer = 0) {
    return transport_.start({.viewer = base::ViewerId{viewer}, .url = "http://host/" + std::to_string(bytes), .timeout = 60s}, outcomes_);
  }
  void run() { timeline_.run_until(timeline_.now() + 100s); }
  base::VirtualTimeline timeline_;
  FixedServer server_;
  Outcomes outcomes_;
  ModelTransport transport_{timeline_, server_, [](base::ViewerId) { return ModelLink{8_Mbps, 8_Mbps, 20ms}; }};
  const base::Instant begin_ = timeline_.now();
};

TEST_F(ModelTransportTest, TheFirstTransferPaysForTheConnection) {
  const TransferId id = start(1000);
  run();
  EXPECT_EQ(outcomes_.of.at(id).ttfb, 20ms + 20ms + 2ms);
  EXPECT_EQ(outcomes_.of.at(id).took, 42ms + 1ms);
  EXPECT_EQ(server_.heard_at.front(), begin_ + 30ms);
}

TEST_F(ModelTransportTest, LaterTransfersDoNotPayForIt) {
  start(1000);
  run();
  const TransferId id = start(1000);
  run();
  EXPECT_EQ(outcomes_.of.at(id).ttfb, 22ms);
}

TEST_F(ModelTransportTest, TransfersOfAViewerShareItsDownlink) {
  start(0);
  run();
  const TransferId one = start(1000), other = start(3000);
  run();
  EXPECT_EQ(outcomes_.of.at(one).took, 22ms + 2ms);
  EXPECT_EQ(outcomes_.of.at(other).took, 22ms + 4ms);
}

TEST_F(ModelTransportTest, ViewersDoNotShareALink) {
  const TransferId one = start(100'000, 1), other = start(100'000, 2);
  run();
  EXPECT_EQ(outcomes_.of.at(one).took, 42ms + 100ms);
  EXPECT_EQ(outcomes_.of.at(other).took, 42ms + 100ms);
}

TEST_F(ModelTransportTest, ReportsProgressFromTheFirstByteAsOftenAsWanted) {
  transport_.start({.url = "http://host/1000000", .timeout = 60s, .progress_every = 250ms}, outcomes_);
  run();
  EXPECT_EQ(outcomes_.progress, (std::vector{0_B, 250'000_B, 500'000_B, 750'000_B}));
}

TEST_F(ModelTransportTest, CancelFreesTheLinkForTheOthers) {
  start(0);
  run();
  const TransferId kept = start(10'000), cancelled = start(10'000);
  timeline_.run_until(timeline_.now() + 32ms);  // 10 ms into the bodies: 5,000 bytes of each
  transport_.cancel(cancelled);
  run();
  EXPECT_EQ(outcomes_.of.at(kept).took, 32ms + 5ms);
  EXPECT_FALSE(outcomes_.of.contains(cancelled));
}

class TracedTransportTest : public ModelTransportTest {
 protected:
  // 8 Mbit/s with the link's own 20 ms for a second, then 2 Mbit/s with a round trip of 100 ms.
  static netem::LinkSpec link() {
    netem::Trace trace{"trace", {{1s, 8_Mbps, {}}, {9s, 2_Mbps, 100ms}}};
    netem::LinkSpec link{.down = {.delay = 10ms}, .up = {.rate = 8_Mbps, .delay = 10ms}};
    link.down.rate = std::make_shared<const netem::Trace>(std::move(trace));
    return link;
  }
  TransferId start_traced(int bytes) { return traced_.start({.url = "http://host/" + std::to_string(bytes), .timeout = 60s}, outcomes_); }
  ModelTransport traced_{timeline_, server_, [this](base::ViewerId) { return ModelLink{link(), begin_}; }};
};

TEST_F(TracedTransportTest, RatesFollowTheTrace) {
  start_traced(0);
  timeline_.run_until(begin_ + 978ms);
  const TransferId id = start_traced(5'000);  // the first byte at 1 s
  run();
  EXPECT_EQ(outcomes_.of.at(id).took, 22ms + 20ms) << "5,000 bytes at 2 Mbit/s";
}

TEST_F(TracedTransportTest, ATracesRoundTripReplacesTheDelayOfItsDirection) {
  start_traced(0);
  timeline_.run_until(begin_ + 1100ms);
  const TransferId id = start_traced(1'000);
  run();
  EXPECT_EQ(outcomes_.of.at(id).ttfb, 10ms + 2ms + 50ms);
}

TEST_F(TracedTransportTest, AnUnlimitedLinkTakesNoTimeButItsRoundTrip) {
  ModelTransport unlimited{timeline_, server_, [](base::ViewerId) { return ModelLink{netem::Unlimited{}, netem::Unlimited{}, 20ms}; }};
  const TransferId id = unlimited.start({.url = "http://host/1000000", .timeout = 60s}, outcomes_);
  run();
  EXPECT_EQ(outcomes_.of.at(id).took, 42ms);
}

}  // namespace
}  // namespace harness

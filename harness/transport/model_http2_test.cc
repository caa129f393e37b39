// ModelTransport over HTTP/2: what one connection for all requests of a viewer does to times, exactly.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <vector>

#include "base/virtual_timeline.h"
#include "harness/transport/h2_connection.h"
#include "harness/transport/model_transport.h"

namespace harness {
namespace {

using namespace base::literals;

// "…/1000": so many bytes; "…/1000/250": after 250 ms; "…/1000/0/together": at the next 10 ms; "…/1000/0/reset": no more come.
struct TimedServer final : ModelServer {
  ModelReply reply(base::Instant now, const TransportRequest& request) override {
    heard_at.push_back(now);
    const std::string path = request.url->substr(request.url->find('/', 8) + 1);
    ModelReply reply{.bytes = base::ByteCount::bytes(std::stol(path)), .think = 2ms};
    if (const std::size_t slash = path.find('/'); slash != std::string::npos) reply.think = std::stol(path.substr(slash + 1)) * 1ms;
    if (path.ends_with("/together")) reply.think = 10ms - now.time_since_epoch() % 10ms;
    if (path.ends_with("/reset")) reply.failure = "reset";
    if (path.ends_with("/refused")) reply.failure = "refused";
    return reply;
  }
  std::vector<base::Instant> heard_at;
};

struct StreamOutcomes final : TransferReceiver {
  void on_progress(TransferId id, const TransferProgress& now) override { progress[id].push_back(now.received.count()); }
  void on_outcome(TransferId id, TransportOutcome&& outcome) override { of[id] = std::move(outcome); }
  std::map<TransferId, TransportOutcome> of;
  std::map<TransferId, std::vector<std::int64_t>> progress;
};

netem::LinkSpec link_of_8_mbps() { return {.down = {.rate = 8_Mbps, .delay = 10ms}, .up = {.rate = 8_Mbps, .delay = 10ms}}; }

class Http2Test : public testing::Test {
 protected:
  explicit Http2Test(netem::LinkSpec link = link_of_8_mbps()) : link_{std::move(link)} {}
  TransferId start(const std::string& path, base::Duration progress_every = {}) {
    return transport_.start({.viewer = base::ViewerId{0}, .url = origin_ + "/" + path, .timeout = 60s, .progress_every = progress_every},
                            outcomes_);
  }
  void run(base::Duration time = 100s) { timeline_.run_until(timeline_.now() + time); }
  double took(TransferId id) const { return base::to_milliseconds(outcomes_.of.at(id).took); }
  double ttfb(TransferId id) const { return base::to_milliseconds(outcomes_.of.at(id).ttfb); }
  // The window is large then, and has not rested.
  void warm_up() {
    const TransferId id = start("1000000");
    timeline_.run_until([&] { return outcomes_.of.contains(id); }, timeline_.now() + 5s);
  }
  netem::LinkSpec link_;
  base::VirtualTimeline timeline_;
  TimedServer server_;
  StreamOutcomes outcomes_;
  ModelTransport transport_{timeline_,
                            server_,
                            [this](base::ViewerId) {
                              return ModelLink{link_, base::VirtualTimeline::kStart};
                            },
                            {.http2 = true}};
  std::string origin_ = "https://host";
  const base::Instant begin_ = timeline_.now();
};

// At 8 Mbit/s a byte takes a microsecond.
constexpr double kTcpHandshake = 20 + 0.060 + 0.060;
constexpr double kToTheNanosecond = 1e-5;  // ms
double sent_up(std::size_t url, bool is_first) {
  return (static_cast<double>(h2_request_size({.url = std::string(url, 'x')}, 12, is_first)) + 52) / 1000;
}

TEST_F(Http2Test, TheFirstTransferPaysForTcpAndTls) {
  const TransferId id = start("1000");
  run();
  EXPECT_NEAR(took(id), 2 * kTcpHandshake + 20 + sent_up(17, true) + 2 + (157 + 9 + 1000 + 52) / 1000.0, kToTheNanosecond);
  EXPECT_NEAR(ttfb(id), took(id), kToTheNanosecond);
}

TEST_F(Http2Test, LaterRequestsAreSmall) {
  start("1000");
  run(1s);
  const TransferId id = start("1000");
  run();
  EXPECT_NEAR(took(id), 20 + sent_up(17, false) + 2 + (157 + 9 + 1000 + 52) / 1000.0, kToTheNanosecond);
  EXPECT_LT(sent_up(17, false), 0.1);
}

TEST_F(Http2Test, AsksForAnyNumberAtOnceOverOneConnection) {
  for (int i = 0; i < 130; ++i) start("1000/500");
  run(100ms);
  EXPECT_EQ(server_.heard_at.size(), 128u) << "SETTINGS_MAX_CONCURRENT_STREAMS";
  run();
  EXPECT_EQ(outcomes_.of.size(), 130u);
  for (const auto& [id, outcome] : outcomes_.of) EXPECT_EQ(outcome.bytes, base::ByteCount::bytes(1000));
}

TEST_F(Http2Test, WithoutTlsItIsHttp1) {
  origin_ = "http://host";
  for (int i = 0; i < 8; ++i) start("20000");
  run(40ms);
  EXPECT_EQ(server_.heard_at.size(), 6u);
}

// The same over HTTP/1.1, once the connection is there.
double http1_took(const netem::LinkSpec& link, int bytes) {
  base::VirtualTimeline timeline;
  TimedServer server;
  StreamOutcomes outcomes;
  ModelTransport transport{timeline, server, [&](base::ViewerId) { return ModelLink{link, base::VirtualTimeline::kStart}; }};
  transport.start({.url = "https://host/0", .timeout = 60s}, outcomes);
  timeline.run_until(timeline.now() + 200ms);
  const TransferId id = transport.start({.url = "https://host/" + std::to_string(bytes), .timeout = 60s}, outcomes);
  timeline.run_until(timeline.now() + 100s);
  return base::to_milliseconds(outcomes.of.at(id).took);
}

TEST_F(Http2Test, OneAnswerAloneTakesAsLongAsOverHttp1ButForItsHeaders) {
  start("0");
  run(200ms);
  for (const int bytes : {5'000, 30'000, 200'000}) {
    const TransferId id = start(std::to_string(bytes) + "/2");
    run(60s);
    const double frames = std::ceil(bytes / 16384.0) * 9;
    EXPECT_NEAR(took(id) - http1_took(link_, bytes), (frames + 157 - 304) / 1000 - 0.28, 0.15) << bytes;
    transport_.leave(base::ViewerId{0});
    start("0");
    run(200ms);
  }
}

TEST_F(Http2Test, TwoEqualAnswersEndTogetherAtTheTimeOfTheirSum) {
  warm_up();
  const TransferId one = start("300000/0/together"), other = start("300000/0/together");
  run(5s);
  EXPECT_NEAR(took(one), took(other), 16.4 * 1.04);
  EXPECT_NEAR(ttfb(one), ttfb(other), 0.2);
  EXPECT_NEAR(std::max(took(one), took(other)) - ttfb(one), 600 * 1.0368, 2);
}

TEST_F(Http2Test, ASmallAnswerBesideALargeOneEndsAfterTwiceItsBytes) {
  warm_up();
  const TransferId large = start("500000/0/together"), small = start("40000/0/together");
  run(5s);
  EXPECT_NEAR(took(small) - ttfb(large), 2 * 40 * 1.0368, 17) << "two frames and a half each";
  EXPECT_NEAR(took(large) - ttfb(large), 540 * 1.0368, 2);
  EXPECT_EQ(outcomes_.of.at(small).bytes.count(), 40'000);
  EXPECT_NEAR(ttfb(small), ttfb(large), 2) << "its headers wait for no body";
}

TEST_F(Http2Test, TheRequestThatComesFirstIsAnsweredFirst) {
  warm_up();
  const TransferId first = start("40000"), second = start("40000");
  run(5s);
  EXPECT_NEAR(took(first), 22.1 + 40 * 1.0368, 0.5) << "the window holds it whole";
  EXPECT_NEAR(took(second), 22.1 + 80 * 1.0368, 0.5);
}

TEST_F(Http2Test, AnAnswerThatComesLaterWaitsForWhatIsInTheQueue) {
  warm_up();
  const TransferId large = start("500000");
  run(200ms);
  const TransferId small = start("1000");
  run(5s);
  EXPECT_GT(ttfb(small), 22 + 20) << "the window has filled the queue";
  EXPECT_LT(ttfb(small), 22 + 200);
  EXPECT_NEAR(took(large), 22.1 + 501 * 1.0368, 0.5);
}

TEST_F(Http2Test, AnAbortKeepsTheConnectionAndTheOthersAreAlone) {
  warm_up();
  const TransferId kept = start("400000"), aborted = start("400000");
  run(200ms);
  transport_.cancel(aborted);
  run(3s);
  EXPECT_FALSE(outcomes_.of.contains(aborted));
  const double until = took(kept);
  EXPECT_GT(until, 22 + 400 * 1.037 + 80) << "its share of 180 ms";
  EXPECT_LT(until, 22 + 400 * 1.037 + 180) << "and what was in flight";
  const TransferId next = start("0");
  run();
  EXPECT_LT(ttfb(next), 25);
}

TEST_F(Http2Test, WhatIsInFlightOfAnAbortedAnswerStillCrosses) {
  warm_up();
  const TransferId aborted = start("1000000");
  run(100ms);
  transport_.cancel(aborted);
  const TransferId next = start("0");
  run();
  EXPECT_GT(ttfb(next), 22 + 20);
  EXPECT_LT(ttfb(next), 22 + 150) << "far from the second that the rest would have taken";
}

TEST_F(Http2Test, AFailingAnswerEndsAStreamAlone) {
  start("0");
  run(1s);
  const TransferId whole = start("200000"), cut = start("30000/2/reset"), nothing = start("0/2/reset");
  run(5s);
  EXPECT_EQ(outcomes_.of.at(cut).failure, "reset");
  EXPECT_EQ(outcomes_.of.at(cut).bytes.count(), 30'000);
  EXPECT_EQ(outcomes_.of.at(nothing).failure, "reset");
  EXPECT_EQ(outcomes_.of.at(nothing).bytes.count(), 0);
  EXPECT_EQ(outcomes_.of.at(whole).bytes.count(), 200'000);
  const TransferId next = start("0");
  run();
  EXPECT_LT(ttfb(next), 25);
}

TEST_F(Http2Test, ARefusedConnectionIsOpenedAnew) {
  start("0/2/refused");
  run(1s);
  const TransferId next = start("0");
  run();
  EXPECT_GT(ttfb(next), 60);
}

TEST_F(Http2Test, ATimeoutEndsAStreamAlone) {
  warm_up();
  const TransferId slow = transport_.start({.url = "https://host/3000000", .timeout = 300ms}, outcomes_);
  run(1s);
  EXPECT_EQ(outcomes_.of.at(slow).failure, "timeout");
  EXPECT_GT(outcomes_.of.at(slow).bytes.count(), 200'000);
  const TransferId next = start("0");
  run();
  EXPECT_LT(ttfb(next), 25);
}

TEST_F(Http2Test, ProgressGrowsFromTheFirstByteToTheWhole) {
  const TransferId one = start("400000", 10ms);
  run(150ms);
  const TransferId two = start("300000/40", 10ms);
  run(50ms);
  const TransferId three = start("200000", 7ms);
  run(100ms);
  transport_.cancel(one);
  run();
  for (const TransferId id : {one, two, three}) {
    const auto& steps = outcomes_.progress.at(id);
    EXPECT_GT(steps.size(), 5u);
    EXPECT_TRUE(std::is_sorted(steps.begin(), steps.end()));
  }
  EXPECT_LE(outcomes_.progress.at(two).back(), 300'000);
  EXPECT_EQ(outcomes_.of.at(two).bytes.count(), 300'000);
  EXPECT_EQ(outcomes_.of.at(three).bytes.count(), 200'000);
  EXPECT_NEAR(static_cast<double>(outcomes_.progress.at(three).front()), 1448 - 157 - 9, 1448);
}

struct StreamWish final : TransferReceiver {
  void on_progress(TransferId, const TransferProgress& now) override { progress.push_back(now.received.count()); }
  ProgressWish progress_wanted(TransferId) const override { return {.from = {}, .received = base::ByteCount::bytes(100'000)}; }
  void on_outcome(TransferId, TransportOutcome&&) override {}
  std::vector<std::int64_t> progress;
};

TEST_F(Http2Test, ReportsWhatIsWantedTheMomentItHasCome) {
  for (const int others : {0, 1, 3}) {
    StreamWish wishing;
    transport_.start({.url = "https://host/400000", .timeout = 60s, .progress_every = 10ms}, wishing);
    run(150ms);
    for (int i = 0; i < others; ++i) start("20000");
    run(10s);
    ASSERT_GE(wishing.progress.size(), 2u);
    EXPECT_GE(wishing.progress[1], 100'000);
    EXPECT_LE(wishing.progress[1], 100'000 + 1) << others << " others";
  }
}

// Losses, jitter, an outage: nothing is lost, nothing ends before it can have come.
struct HardTimes : Http2Test {
  static netem::LinkSpec link() {
    netem::LinkSpec link = link_of_8_mbps();
    link.down.rate =
        std::make_shared<const netem::Trace>(netem::Trace{"trace", {{900ms, 8_Mbps, {}}, {400ms, {}, {}}, {700ms, 2_Mbps, {}}}});
    link.down.loss = netem::RandomLoss{0.01};
    link.down.jitter = {.deviation = 4ms};
    link.up.jitter = {.deviation = 2ms};
    return link;
  }
  HardTimes() : Http2Test{link()} {}
};

TEST_F(HardTimes, AllThatIsAskedForComes) {
  base::Random random{3};
  std::vector<TransferId> given_up, kept;
  std::int64_t bytes = 0;
  for (int i = 0; i < 300; ++i) {
    const auto size = static_cast<std::int64_t>(random.below(i % 3 == 0 ? 200'000 : 8'000));
    const TransferId id = start(std::to_string(size) + "/" + std::to_string(random.below(30)), 20ms);
    run(random.below(250) * 1ms);
    if (i % 7 == 0) {
      transport_.cancel(id);
      given_up.push_back(id);
    } else {
      kept.push_back(id);
      bytes += size;
    }
  }
  run();
  std::int64_t come = 0;
  for (const TransferId id : kept) {
    ASSERT_EQ(outcomes_.of.at(id).failure, "");
    EXPECT_GT(outcomes_.of.at(id).ttfb, base::Duration{8ms}) << "each way two deviations less";
    EXPECT_LE(outcomes_.of.at(id).ttfb, outcomes_.of.at(id).took);
    come += outcomes_.of.at(id).bytes.count();
  }
  EXPECT_EQ(come, bytes);
  for (const auto& [id, steps] : outcomes_.progress) EXPECT_TRUE(std::is_sorted(steps.begin(), steps.end()));
}

}  // namespace
}  // namespace harness

// What ModelTransport promises beyond the contract of every Transport: exact times.
#include "harness/transport/model_transport.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <vector>

#include "base/virtual_timeline.h"
#include "harness/transport/model_viewer.h"

namespace harness {
namespace {

using namespace base::literals;

struct FixedServer final : ModelServer {
  ModelReply reply(base::Instant now, const TransportRequest& request) override {
    heard_at.push_back(now);
    return {.bytes = base::ByteCount::bytes(std::stol(request.url->substr(request.url->rfind('/') + 1))), .think = 2ms};
  }
  std::vector<base::Instant> heard_at;
};

struct Outcomes final : TransferReceiver {
  void on_progress(TransferId, const TransferProgress& now) override { progress.push_back(now.received); }
  void on_outcome(TransferId id, TransportOutcome&& outcome) override { of[id] = std::move(outcome); }
  std::map<TransferId, TransportOutcome> of;
  std::vector<base::ByteCount> progress;
};

class ModelTransportTest : public testing::Test {
 protected:
  TransferId start(int bytes, std::uint32_t viewer = 0, const std::string& origin = "http://host") {
    return transport_.start({.viewer = base::ViewerId{viewer}, .url = origin + "/" + std::to_string(bytes), .timeout = 60s}, outcomes_);
  }
  void run() { timeline_.run_until(timeline_.now() + 100s); }
  double took(TransferId id) const { return base::to_milliseconds(outcomes_.of.at(id).took); }
  double ttfb(TransferId id) const { return base::to_milliseconds(outcomes_.of.at(id).ttfb); }
  base::VirtualTimeline timeline_;
  FixedServer server_;
  Outcomes outcomes_;
  ModelTransport transport_{timeline_, server_, [](base::ViewerId) { return ModelLink{8_Mbps, 8_Mbps, 20ms}; }};
  const base::Instant begin_ = timeline_.now();
};

// At 8 Mbit/s a byte takes a microsecond.
constexpr double kHandshake = 20 + 0.060 + 0.060, kRequest = 0.315 + 0.052, kThought = 2, kAnswer = 0.304 + 0.052;
constexpr double kExact = 1e-5;  // ms

TEST_F(ModelTransportTest, TheFirstTransferPaysForTheConnection) {
  const TransferId id = start(1000);
  run();
  EXPECT_NEAR(took(id), kHandshake + 20 + kRequest + 0.005 + kThought + kAnswer + 1, kExact);
  EXPECT_NEAR(ttfb(id), took(id), kExact) << "it fits one packet";
  EXPECT_NEAR(base::to_milliseconds(server_.heard_at.front() - begin_), kHandshake + 10 + kRequest + 0.005, kExact);
}

TEST_F(ModelTransportTest, SinglePacketsThatSkipTheDelayTakeNone) {
  netem::LinkSpec link = ModelLink{8_Mbps, 8_Mbps, 20ms}.spec;
  link.down.reorder = link.up.reorder = 1;
  ModelTransport skipping{timeline_, server_, [&](base::ViewerId) { return ModelLink{link, timeline_.now()}; }};
  const TransferId id = skipping.start({.url = "http://host/1000", .timeout = 60s}, outcomes_);
  run();
  EXPECT_NEAR(took(id), kHandshake - 20 + kRequest + 0.005 + kThought + kAnswer + 1, kExact);
}

TEST_F(ModelTransportTest, LaterTransfersDoNotPayForIt) {
  start(1000);
  run();
  const TransferId id = start(1000);
  run();
  EXPECT_NEAR(ttfb(id), 20 + kRequest + 0.005 + kThought + kAnswer + 1, kExact);
}

TEST_F(ModelTransportTest, ASecureConnectionTakesAnotherRoundTrip) {
  const TransferId id = start(1000, 0, "https://host");
  run();
  EXPECT_NEAR(took(id), 2 * kHandshake + 20 + kRequest + 0.005 + kThought + kAnswer + 1, kExact);
}

TEST_F(ModelTransportTest, SlowStartTakesRoundTrips) {
  start(0);
  timeline_.run_until(begin_ + 200ms);
  const TransferId small = start(14'000);
  run();
  const TransferId large = start(40'000);
  run();
  EXPECT_LT(took(small), 22 + 1 + 15 + 1) << "ten packets of 1.5 ms";
  EXPECT_GT(took(large), 22 + 20 + 18 * 1.5) << "28 packets; those after the tenth a round trip after the first";
  EXPECT_LT(took(large), 22 + 25 + 20 * 1.5);
}

TEST_F(ModelTransportTest, AnIdleConnectionKeepsItsWindowForAWhile) {
  start(100'000);
  timeline_.run_until(begin_ + 500ms);
  const TransferId soon = start(40'000);
  timeline_.run_until(begin_ + 600ms);
  run();
  const TransferId late = start(40'000);
  run();
  EXPECT_NEAR(took(late) - took(soon), 8, 2) << "the second round waits a round trip less the 15 ms of the first";
}

TEST_F(ModelTransportTest, TransfersOfAViewerShareItsDownlink) {
  const TransferId one = start(100'000), other = start(100'000);
  run();
  EXPECT_NEAR(took(one) / took(other), 1, 0.1);
  EXPECT_NEAR(std::max(took(one), took(other)), 2 * 104 + 45, 20);
}

TEST_F(ModelTransportTest, TheFirstByteOfWhatWaitsBehindOthersIsLate) {
  const TransferId one = start(100'000);
  timeline_.run_until(begin_ + 5ms);
  const TransferId other = start(1'000);
  run();
  EXPECT_NEAR(ttfb(other) - ttfb(one), 10 * 1.5 - 5, 0.5) << "ten packets of 1.5 ms are before it";
}

TEST_F(ModelTransportTest, ViewersDoNotShareALink) {
  const TransferId one = start(100'000, 1), other = start(100'000, 2);
  run();
  EXPECT_EQ(took(one), took(other));
  EXPECT_LT(took(one), 104 + 80);
}

TEST_F(ModelTransportTest, SixConnectionsAreTheMostToAHost) {
  for (int i = 0; i < 8; ++i) start(20'000);
  timeline_.run_until(begin_ + 40ms);
  EXPECT_EQ(server_.heard_at.size(), 6u);
  run();
  EXPECT_EQ(server_.heard_at.size(), 8u);
}

TEST_F(ModelTransportTest, AWaitingRequestTakesTheConnectionThatIsFreeFirst) {
  start(0, 0, "https://host");
  run();
  start(0, 0, "https://host");
  const TransferId waiting = start(0, 0, "https://host");
  run();
  EXPECT_LT(ttfb(waiting), 2 * (20 + 3)) << "the other answer is over before its handshake";
}

TEST_F(ModelTransportTest, ACancelCostsTheConnection) {
  const TransferId id = start(100'000);
  timeline_.run_until(begin_ + 60ms);
  transport_.cancel(id);
  run();
  const TransferId next = start(0);
  run();
  EXPECT_GT(ttfb(next), 40);
}

TEST_F(ModelTransportTest, ReportsProgressFromTheFirstByteAsOftenAsWanted) {
  transport_.start({.url = "http://host/1000000", .timeout = 60s, .progress_every = 250ms}, outcomes_);
  run();
  ASSERT_EQ(outcomes_.progress.size(), 5u) << "a megabyte takes more than a second";
  EXPECT_NEAR(static_cast<double>(outcomes_.progress.front().count()), 1448 - 304, 1);
  const double per_report = static_cast<double>((outcomes_.progress[3] - outcomes_.progress[2]).count());
  EXPECT_NEAR(per_report, 250'000 * 1448.0 / 1500, 3) << "the link is full";
}

struct Wishing final : TransferReceiver {
  void on_progress(TransferId, const TransferProgress& now) override { progress.push_back(now.received); }
  ProgressWish progress_wanted(TransferId) const override { return {.from = {}, .received = wanted}; }
  void on_outcome(TransferId, TransportOutcome&&) override {}
  const base::ByteCount wanted = base::ByteCount::bytes(200'000);
  std::vector<base::ByteCount> progress;
};

TEST_F(ModelTransportTest, ReportsWhatIsWantedTheMomentItHasComeWhoeverElseCameMeanwhile) {
  for (const int others : {0, 1, 3}) {
    Wishing wishing;
    transport_.start({.url = "http://host/400000", .timeout = 60s, .progress_every = 10ms}, wishing);
    timeline_.run_until(timeline_.now() + 150ms);
    ASSERT_EQ(wishing.progress.size(), 1u) << "the first byte";
    for (int i = 0; i < others; ++i) start(20'000);
    run();
    ASSERT_GE(wishing.progress.size(), 2u);
    EXPECT_GE(wishing.progress[1], wishing.wanted);
    EXPECT_LE(wishing.progress[1].count(), wishing.wanted.count() + 1) << others << " others";
  }
}

struct ToldReport {
  TransferId id;
  base::Instant at;
  base::ByteCount received;
  std::uint32_t reports;
};

// Takes progress late until some instant.
struct Patient final : TransferReceiver {
  explicit Patient(const base::VirtualTimeline& clock, base::Instant until) : timeline{clock}, late_until{until} {}
  void on_progress(TransferId id, const TransferProgress& now) override { told.push_back({id, timeline.now(), now.received, now.reports}); }
  base::Instant takes_late_until(TransferId) const override { return late_until; }
  void on_late_progress(TransferId id, base::Instant at, const TransferProgress& then) override {
    EXPECT_LE(at, timeline.now());
    EXPECT_LT(at, late_until);
    late += at < timeline.now() ? 1 : 0;
    told.push_back({id, at, then.received, then.reports});
  }
  void on_outcome(TransferId, TransportOutcome&&) override {}
  const base::VirtualTimeline& timeline;
  base::Instant late_until;
  int late = 0;
  std::vector<ToldReport> told;
};

class LateProgressTest : public ModelTransportTest {
 protected:
  // What is told of a megabyte, in the course of which other transfers come and one is cancelled, and nothing comes for a while.
  Patient told(base::Duration late_for) {
    base::VirtualTimeline timeline;
    FixedServer server;
    netem::LinkSpec link{.down = {.delay = 10ms}, .up = {.rate = 8_Mbps, .delay = 10ms}};
    link.down.rate = std::make_shared<const netem::Trace>(netem::Trace{"trace", {{480ms, 8_Mbps, {}}, {170ms, {}, {}}, {9s, 8_Mbps, {}}}});
    ModelTransport transport{timeline, server, [&](base::ViewerId) { return ModelLink{link, base::VirtualTimeline::kStart}; }};
    Patient patient{timeline, timeline.now() + late_for};
    const auto more = [&](int bytes) {
      return transport.start({.url = "http://host/" + std::to_string(bytes), .timeout = 60s, .progress_every = 50ms}, patient);
    };
    more(1'000'000);
    timeline.run_until(timeline.now() + 321ms);
    more(50'000);
    timeline.run_until(timeline.now() + 123ms);
    transport.catch_up(base::ViewerId{});
    const TransferId given_up = more(400'000);
    timeline.run_until(timeline.now() + 234ms);
    transport.catch_up(base::ViewerId{});
    transport.cancel(given_up);
    timeline.run_until(timeline.now() + 100s);
    return patient;
  }
};

TEST_F(LateProgressTest, IsWhatItStandsForInTheOrderOfTime) {
  const Patient at_once = told(0s), late = told(800ms);
  EXPECT_GT(late.late, 5);
  EXPECT_EQ(at_once.late, 0);
  EXPECT_LT(late.told.size() + 5, at_once.told.size());
  EXPECT_TRUE(std::is_sorted(late.told.begin(), late.told.end(), [](const ToldReport& a, const ToldReport& b) { return a.at < b.at; }));
  std::map<TransferId, std::vector<ToldReport>> all;
  for (const ToldReport& each : at_once.told) all[each.id].push_back(each);
  std::map<TransferId, std::size_t> so_far;
  for (const ToldReport& each : late.told) {
    const std::size_t count = so_far[each.id] += each.reports;
    ASSERT_LE(count, all[each.id].size());
    EXPECT_EQ(each.at, all[each.id][count - 1].at);
    EXPECT_EQ(each.received, all[each.id][count - 1].received);
  }
  for (const auto& [id, reports] : all) EXPECT_EQ(so_far[id], reports.size());
}

TEST_F(LateProgressTest, TellsTheFirstOfATransferAndTheFirstOfAsMuchByThemselves) {
  const Patient at_once = told(0s), late = told(800ms);
  std::map<TransferId, ToldReport> first;
  std::map<std::pair<TransferId, base::ByteCount>, base::Instant> first_of_as_much;
  for (const ToldReport& each : at_once.told) first_of_as_much.try_emplace({each.id, each.received}, each.at);
  EXPECT_LT(first_of_as_much.size(), at_once.told.size()) << "nothing comes for a while";
  std::map<std::pair<TransferId, base::ByteCount>, base::Instant> told_first;
  for (const ToldReport& each : late.told) {
    first.try_emplace(each.id, each);
    told_first.try_emplace({each.id, each.received}, each.at);
  }
  for (const auto& [id, each] : first) EXPECT_EQ(each.reports, 1u);
  for (const auto& [what, at] : told_first) EXPECT_EQ(at, first_of_as_much.at(what));
}

TEST_F(LateProgressTest, ComesAtOnceOnceItsReceiverSaysSo) {
  Patient patient{timeline_, begin_ + 60s};
  transport_.start({.url = "http://host/1000000", .timeout = 60s, .progress_every = 50ms}, patient);
  timeline_.run_until(begin_ + 300ms);
  transport_.catch_up(base::ViewerId{});
  patient.late_until = {};
  transport_.look_again(base::ViewerId{});
  timeline_.run_until(begin_ + 500ms);
  EXPECT_GE(patient.told.size(), 4u);
}

TEST_F(ModelTransportTest, CancelFreesTheLinkForTheOthers) {
  const TransferId kept = start(400'000), cancelled = start(400'000);
  timeline_.run_until(timeline_.now() + 300ms);
  transport_.cancel(cancelled);
  run();
  EXPECT_NEAR(took(kept), 300 + 415 - 125, 20) << "half the link for about 250 ms, then all of it";
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
  timeline_.run_until(begin_ + 973ms);
  const TransferId id = start_traced(5'000);
  run();
  const double sent = 27 - 20 - kRequest - 0.005 - kThought;  // ms at 8 Mbit/s before the rate falls
  EXPECT_NEAR(took(id), 27 + (5.304 + 4 * 0.052 - sent) * 4, 0.01) << "4 packets; the rest at 2 Mbit/s";
}

TEST_F(TracedTransportTest, ATracesRoundTripReplacesTheDelayOfItsDirection) {
  start_traced(0);
  timeline_.run_until(begin_ + 1100ms);
  const TransferId id = start_traced(1'000);
  run();
  EXPECT_NEAR(ttfb(id), 10 + kRequest + 0.005 + kThought + 50 + 4 * (kAnswer + 1), 0.01);
}

TEST_F(TracedTransportTest, AnUnlimitedLinkTakesNoTimeButItsRoundTrips) {
  ModelTransport unlimited{timeline_, server_, [](base::ViewerId) { return ModelLink{netem::Unlimited{}, netem::Unlimited{}, 20ms}; }};
  const TransferId id = unlimited.start({.url = "http://host/1000000", .timeout = 60s}, outcomes_);
  run();
  EXPECT_NEAR(took(id), 42 + 6 * 20, kExact) << "10, 20, 40, 80, 160, 320 packets and what is left of 691";
}

// Ten transfers over a link that loses by chance, of one viewer or another, alone or beside a third.
std::vector<base::Duration> lossy_run(std::uint64_t seed, std::uint32_t viewer, bool beside) {
  base::VirtualTimeline timeline;
  FixedServer server;
  Outcomes outcomes, others;
  ModelTransport transport{timeline,
                           server,
                           [](base::ViewerId) {
                             netem::LinkSpec spec{.down = {.rate = 8_Mbps, .delay = 20ms}, .up = {.rate = 8_Mbps, .delay = 20ms}};
                             spec.down.loss = netem::RandomLoss{0.03};
                             return ModelLink{spec, base::VirtualTimeline::kStart};
                           },
                           {.seed = seed}};
  for (int i = 0; i < 10; ++i) {
    if (beside) transport.start({.viewer = base::ViewerId{9}, .url = "http://host/200000", .timeout = 100s}, others);
    transport.start({.viewer = base::ViewerId{viewer}, .url = "http://host/" + std::to_string(100'000 + i), .timeout = 100s}, outcomes);
  }
  timeline.run_until(timeline.now() + 200s);
  std::vector<base::Duration> took;
  for (const auto& [id, outcome] : outcomes.of) took.push_back(outcome.failure.empty() ? outcome.took : base::Duration{});
  return took;
}

TEST(ModelTransportSeeds, TheSameSeedGivesTheSameRun) { EXPECT_EQ(lossy_run(7, 1, false), lossy_run(7, 1, false)); }
TEST(ModelTransportSeeds, AnotherSeedGivesAnother) { EXPECT_NE(lossy_run(7, 1, false), lossy_run(8, 1, false)); }
TEST(ModelTransportSeeds, AnotherViewerLosesOtherwise) { EXPECT_NE(lossy_run(7, 1, false), lossy_run(7, 2, false)); }
TEST(ModelTransportSeeds, WhatOthersDoChangesNothing) { EXPECT_EQ(lossy_run(7, 1, false), lossy_run(7, 1, true)); }
TEST(ModelTransportSeeds, LossesFailNoTransfer) {
  const std::vector<base::Duration> took = lossy_run(9, 1, false);
  EXPECT_EQ(took.size(), 10u);
  EXPECT_GT(*std::min_element(took.begin(), took.end()), base::Duration{});
}

TEST(ModelOrigins, KnowsAServerByItsWholeName) {
  ModelOrigins origins;
  const std::uint16_t host = origins.number_of("http://host/a/b.m4s");
  EXPECT_EQ(origins.number_of("http://host"), host);
  EXPECT_EQ(origins.number_of("http://host/c?x=/y"), host);
  for (const char* other : {"http://host:8080/a", "http://hosts/a", "https://host/a", "http://hos/a"})
    EXPECT_NE(origins.number_of(other), host);
  EXPECT_EQ(origins[host].name, "http://host");
}

}  // namespace
}  // namespace harness

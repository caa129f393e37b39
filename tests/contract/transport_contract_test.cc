// What every Transport promises (harness/transport/transport.h).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <vector>

#include "tests/contract/transport_worlds.h"

namespace contract {
namespace {

using namespace std::chrono_literals;
using base::ByteCount;
using harness::TransferId;
using harness::TransportOutcome;
using harness::TransportRequest;

// Keeps all it is told, and does what the test wants at an outcome.
struct Recorder final : harness::TransferReceiver {
  void on_progress(TransferId id, const harness::TransferProgress& now) override {
    progress[id].push_back(now.received);
    latest[id] = now;
    if (at_progress) at_progress(id);
  }
  void on_outcome(TransferId id, TransportOutcome&& outcome) override {
    outcomes[id].push_back(std::move(outcome));
    order.push_back(id);
    if (at_outcome) at_outcome(id);
  }
  std::size_t count() const { return order.size(); }
  const TransportOutcome& only(TransferId id) const { return outcomes.at(id).front(); }
  std::map<TransferId, std::vector<ByteCount>> progress;
  std::map<TransferId, harness::TransferProgress> latest;
  std::map<TransferId, std::vector<TransportOutcome>> outcomes;
  std::vector<TransferId> order;
  std::function<void(TransferId)> at_progress, at_outcome;
};

struct NamedTransportWorld {
  std::string name;
  std::function<std::unique_ptr<TransportWorld>()> make;
  friend void PrintTo(const NamedTransportWorld& world, std::ostream* out) { *out << world.name; }
};

class TransportContract : public testing::TestWithParam<NamedTransportWorld> {
 protected:
  TransferId start(const std::string& path, TransportRequest request = {}) {
    request.url = world_->url(path);
    if (request.timeout == base::Duration{}) request.timeout = 5s;
    if (request.progress_every == base::Duration{}) request.progress_every = 50ms;
    return transport_.start(std::move(request), recorder_);
  }
  TransferId start_kept(const std::string& path) { return start(path, {.keep_body = true}); }
  bool run_until_outcomes(std::size_t count) {
    return world_->time().run_until([this, count] { return recorder_.count() >= count; });
  }
  std::unique_ptr<TransportWorld> world_ = GetParam().make();
  harness::Transport& transport_ = world_->transport();
  Recorder recorder_;
};

TEST_P(TransportContract, TellsNothingInsideStart) {
  start("/ok");
  EXPECT_EQ(recorder_.count(), 0u);
  EXPECT_TRUE(run_until_outcomes(1));
}

TEST_P(TransportContract, GivesStatusBodyAndBytes) {
  const TransferId id = start_kept("/ok");
  ASSERT_TRUE(run_until_outcomes(1));
  EXPECT_EQ(recorder_.only(id).failure, "");
  EXPECT_EQ(recorder_.only(id).status, 200);
  EXPECT_EQ(recorder_.only(id).body, "hello");
  EXPECT_EQ(recorder_.only(id).bytes, ByteCount::bytes(5));
}

TEST_P(TransportContract, TellsACacheWhatItMayKeep) {
  const TransferId wanted = start("/kept", {.cache = harness::CacheUse::kOther}), other = start("/kept");
  ASSERT_TRUE(run_until_outcomes(2));
  ASSERT_TRUE(recorder_.only(wanted).caching);
  EXPECT_EQ(recorder_.only(wanted).caching->max_age, base::Duration{60s});
  EXPECT_EQ(recorder_.only(wanted).caching->etag, "\"v1\"");
  EXPECT_FALSE(recorder_.only(other).caching);
}

TEST_P(TransportContract, TellsThatWhatIsKeptStillHolds) {
  const TransferId id = start("/kept", {.headers = {{"If-None-Match", "\"v1\""}}, .keep_body = true, .cache = harness::CacheUse::kOther});
  ASSERT_TRUE(run_until_outcomes(1));
  EXPECT_EQ(recorder_.only(id).failure, "");
  EXPECT_EQ(recorder_.only(id).status, 304);
  EXPECT_EQ(recorder_.only(id).bytes, ByteCount{});
  EXPECT_TRUE(recorder_.only(id).caching);
}

TEST_P(TransportContract, TellsEachOutcomeOnce) {
  const TransferId first = start("/ok"), second = start("/missing");
  ASSERT_TRUE(run_until_outcomes(2));
  world_->time().settle();
  EXPECT_EQ(recorder_.outcomes.at(first).size(), 1u);
  EXPECT_EQ(recorder_.outcomes.at(second).size(), 1u);
  EXPECT_NE(first, second);
}

TEST_P(TransportContract, CountsABodyItDoesNotKeep) {
  const TransferId id = start("/bytes/100000");
  ASSERT_TRUE(run_until_outcomes(1));
  EXPECT_EQ(recorder_.only(id).body, "");
  EXPECT_EQ(recorder_.only(id).bytes, ByteCount::bytes(100'000));
}

TEST_P(TransportContract, KeepsALargeBodyWhole) {
  const TransferId id = start_kept("/bytes/1000000");
  ASSERT_TRUE(run_until_outcomes(1));
  EXPECT_EQ(recorder_.only(id).body, std::string(1'000'000, 'x'));
}

TEST_P(TransportContract, AnErrorStatusIsAnAnswer) {
  const TransferId id = start("/missing");
  ASSERT_TRUE(run_until_outcomes(1));
  EXPECT_EQ(recorder_.only(id).failure, "");
  EXPECT_EQ(recorder_.only(id).status, 404);
  EXPECT_FALSE(recorder_.only(id).retry_after.has_value());
}

TEST_P(TransportContract, GivesTheServersRetryAfter) {
  const TransferId id = start("/busy");
  ASSERT_TRUE(run_until_outcomes(1));
  EXPECT_EQ(recorder_.only(id).status, 503);
  EXPECT_EQ(recorder_.only(id).retry_after, base::Duration{7s});
}

TEST_P(TransportContract, SendsMethodHeadersAndBody) {
  const TransferId id = start("/echo", {.method = "POST", .headers = {{"X-Test", "one two"}}, .body = "{\"a\":1}", .keep_body = true});
  ASSERT_TRUE(run_until_outcomes(1));
  EXPECT_EQ(recorder_.only(id).body, "POST one two {\"a\":1}");
}

TEST_P(TransportContract, ARequestAfterAPostIsAPlainGet) {
  start("/echo", {.method = "POST", .headers = {{"X-Test", "x"}}, .body = "b"});
  ASSERT_TRUE(run_until_outcomes(1));
  const TransferId id = start_kept("/echo");
  ASSERT_TRUE(run_until_outcomes(2));
  EXPECT_EQ(recorder_.only(id).body, "GET  ");
}

TEST_P(TransportContract, ProgressGrowsUpToTheOutcome) {
  const TransferId id = start("/slow/1000000", {.timeout = 20s});
  ASSERT_TRUE(world_->time().run_until([this] { return recorder_.count() == 1; }, 20s));
  const std::vector<ByteCount>& steps = recorder_.progress.at(id);
  EXPECT_GE(steps.size(), 2u);
  EXPECT_TRUE(std::is_sorted(steps.begin(), steps.end()));
  EXPECT_LE(steps.back(), recorder_.only(id).bytes);
  EXPECT_EQ(recorder_.latest.at(id).expected, recorder_.only(id).bytes);
  EXPECT_EQ(recorder_.latest.at(id).ttfb, recorder_.only(id).ttfb);
}

TEST_P(TransportContract, NobodyHearsOfProgressWhoDoesNotWantTo) {
  const TransferId id = transport_.start({.url = world_->url("/slow/1000000"), .timeout = 20s}, recorder_);
  ASSERT_TRUE(world_->time().run_until([this] { return recorder_.count() == 1; }, 20s));
  EXPECT_FALSE(recorder_.progress.contains(id));
}

TEST_P(TransportContract, ProgressIsNotReportedMoreOftenThanWanted) {
  const TransferId id = start("/slow/1000000", {.timeout = 20s, .progress_every = 1h});
  ASSERT_TRUE(world_->time().run_until([this] { return recorder_.count() == 1; }, 20s));
  EXPECT_EQ(recorder_.progress.at(id).size(), 1u);
}

TEST_P(TransportContract, TimesLieInOrder) {
  const TransferId id = start("/slow/100000");
  ASSERT_TRUE(run_until_outcomes(1));
  EXPECT_GT(recorder_.only(id).ttfb, 0ns);
  EXPECT_GT(recorder_.only(id).took, recorder_.only(id).ttfb);
  EXPECT_GE(recorder_.only(id).took, 50ms) << "100,000 bytes take about 100 ms in both worlds";
}

TEST_P(TransportContract, ATransferThatIsTooSlowTimesOut) {
  const TransferId id = start("/never", {.timeout = 50ms});
  ASSERT_TRUE(run_until_outcomes(1));
  EXPECT_EQ(recorder_.only(id).failure, "timeout");
  EXPECT_GE(recorder_.only(id).took, 50ms);
}

TEST_P(TransportContract, ATimeoutKeepsTheCountOfWhatCame) {
  const TransferId id = start("/slow/10000000", {.timeout = 200ms});
  ASSERT_TRUE(run_until_outcomes(1));
  EXPECT_EQ(recorder_.only(id).failure, "timeout");
  EXPECT_GT(recorder_.only(id).bytes, ByteCount{});
  EXPECT_LT(recorder_.only(id).bytes, ByteCount::bytes(10'000'000));
}

TEST_P(TransportContract, SaysForWhatAConnectionWasOpened) {
  const TransferId first = start("/ok");
  ASSERT_TRUE(run_until_outcomes(1));
  const TransferId second = start("/ok");
  ASSERT_TRUE(run_until_outcomes(2));
  EXPECT_TRUE(recorder_.only(first).opened);
  EXPECT_FALSE(recorder_.only(second).opened);
}

TEST_P(TransportContract, NobodyListeningIsRefused) {
  const TransferId id = transport_.start({.url = world_->dead_url(), .timeout = 5s}, recorder_);
  EXPECT_EQ(recorder_.count(), 0u);
  ASSERT_TRUE(run_until_outcomes(1));
  EXPECT_EQ(recorder_.only(id).failure, "refused");
  EXPECT_EQ(recorder_.only(id).status, 0);
}

TEST_P(TransportContract, AResetInTheBodyIsAFailure) {
  const TransferId id = start_kept("/reset");
  ASSERT_TRUE(run_until_outcomes(1));
  EXPECT_EQ(recorder_.only(id).failure, "reset");
  EXPECT_EQ(recorder_.only(id).bytes, ByteCount::bytes(20'000));
  EXPECT_EQ(recorder_.only(id).body, "") << "half a body is no body";
}

TEST_P(TransportContract, CancelSilences) {
  const TransferId id = start("/slow/10000000", {.timeout = 1s});
  world_->time().settle();
  transport_.cancel(id);
  const std::size_t told = recorder_.progress[id].size();
  world_->time().settle(300ms);
  EXPECT_EQ(recorder_.progress[id].size(), told);
  EXPECT_EQ(recorder_.count(), 0u);
}

TEST_P(TransportContract, CancelRightAfterStartSilences) {
  transport_.cancel(start("/ok"));
  world_->time().settle();
  EXPECT_EQ(recorder_.count(), 0u);
}

TEST_P(TransportContract, CancelOfAnUnknownOrFinishedTransferIsIgnored) {
  const TransferId id = start("/ok");
  ASSERT_TRUE(run_until_outcomes(1));
  transport_.cancel(id);
  transport_.cancel(TransferId{~std::uint64_t{0}});
  const TransferId next = start("/ok");
  transport_.cancel(id);
  ASSERT_TRUE(run_until_outcomes(2));
  EXPECT_EQ(recorder_.only(next).status, 200);
}

TEST_P(TransportContract, AReceiverMayStartTheNextInItsOutcome) {
  recorder_.at_outcome = [this](TransferId) {
    if (recorder_.count() < 5) start("/ok");
  };
  start("/ok");
  ASSERT_TRUE(run_until_outcomes(5));
  for (const auto& [id, outcomes] : recorder_.outcomes) EXPECT_EQ(outcomes.front().status, 200);
}

TEST_P(TransportContract, AReceiverMayCancelAnotherInItsOutcome) {
  const TransferId victim = start("/slow/10000000");
  recorder_.at_outcome = [&](TransferId) { transport_.cancel(victim); };
  start("/ok");
  ASSERT_TRUE(run_until_outcomes(1));
  world_->time().settle(300ms);
  EXPECT_FALSE(recorder_.outcomes.contains(victim));
}

TEST_P(TransportContract, AReceiverMayCancelItselfAtProgress) {
  recorder_.at_progress = [this](TransferId id) { transport_.cancel(id); };
  const TransferId id = start("/slow/10000000");
  ASSERT_TRUE(world_->time().run_until([&] { return !recorder_.progress[id].empty(); }));
  world_->time().settle(300ms);
  EXPECT_EQ(recorder_.progress[id].size(), 1u);
  EXPECT_EQ(recorder_.count(), 0u);
}

TEST_P(TransportContract, AReceiverMayDieOnceItHasCancelled) {
  auto dying = std::make_unique<Recorder>();
  const TransferId id = transport_.start({.url = world_->url("/slow/10000000"), .timeout = 5s, .progress_every = 50ms}, *dying);
  dying->at_progress = [&](TransferId) {
    transport_.cancel(id);
    recorder_.at_outcome = [&](TransferId) { dying.reset(); };
    start("/ok");
  };
  ASSERT_TRUE(run_until_outcomes(1));
  world_->time().settle();
  EXPECT_EQ(dying, nullptr);
}

TEST_P(TransportContract, AViewerMayLeaveInItsLastOutcome) {
  recorder_.at_outcome = [this](TransferId) { transport_.leave(base::ViewerId{0}); };
  start("/ok");
  ASSERT_TRUE(run_until_outcomes(1));
  EXPECT_TRUE(world_->sees_connections_closed(base::ViewerId{0}));
}

TEST_P(TransportContract, TransfersOfOneViewerRunSideBySide) {
  const TransferId slow = start("/slow/300000"), quick = start("/ok"), other = start("/missing");
  ASSERT_TRUE(run_until_outcomes(3));
  EXPECT_EQ(recorder_.order.back(), slow);
  EXPECT_EQ(recorder_.only(quick).status, 200);
  EXPECT_EQ(recorder_.only(other).status, 404);
}

TEST_P(TransportContract, ViewersDoNotDisturbEachOther) {
  for (std::uint32_t viewer = 0; viewer < 100; ++viewer) start("/bytes/1000", {.viewer = base::ViewerId{viewer}});
  ASSERT_TRUE(run_until_outcomes(100));
  EXPECT_TRUE(std::all_of(recorder_.outcomes.begin(), recorder_.outcomes.end(),
                          [](const auto& each) { return each.second.front().bytes == ByteCount::bytes(1000); }));
}

TEST_P(TransportContract, LeavingClosesTheConnections) {
  start("/ok");
  start("/ok");
  ASSERT_TRUE(run_until_outcomes(2));
  transport_.leave(base::ViewerId{0});
  EXPECT_TRUE(world_->sees_connections_closed(base::ViewerId{0}));
}

TEST_P(TransportContract, AViewerWhoLeftMayReturn) {
  start("/ok");
  ASSERT_TRUE(run_until_outcomes(1));
  transport_.leave(base::ViewerId{0});
  const TransferId again = start("/ok");
  ASSERT_TRUE(run_until_outcomes(2));
  EXPECT_EQ(recorder_.only(again).status, 200);
}

TEST_P(TransportContract, LeavingWithoutEverHavingStartedIsHarmless) {
  transport_.leave(base::ViewerId{77});
  start("/ok");
  EXPECT_TRUE(run_until_outcomes(1));
}

INSTANTIATE_TEST_SUITE_P(
    Worlds, TransportContract,
    testing::Values(NamedTransportWorld{"Curl", [] { return make_curl_world(Addresses::kOwn); }},
                    NamedTransportWorld{"CurlWithoutSourceAddresses", [] { return make_curl_world(Addresses::kShared); }},
                    NamedTransportWorld{"Model", [] { return make_model_world(harness::CongestionControl::kCubic); }},
                    NamedTransportWorld{"ModelBbr", [] { return make_model_world(harness::CongestionControl::kBbr); }},
                    NamedTransportWorld{"PacketBbr", [] { return make_packet_world(harness::CongestionControl::kBbr); }},
                    NamedTransportWorld{"Packet", [] { return make_packet_world(harness::CongestionControl::kCubic); }}),
    [](const auto& world) { return world.param.name; });

}  // namespace
}  // namespace contract

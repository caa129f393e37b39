#include "harness/run/contribution_watch.h"

#include <gtest/gtest.h>

#include <utility>

namespace harness {
namespace {

using namespace std::chrono_literals;

constexpr const char* kStream = R"({"name": "main", "late_pictures": 45, "switched": [
  {"at": "2026-11-29T10:00:00.000Z", "from": "none", "to": "primary", "reason": "first-picture", "gap_ms": 0.0, "held_pictures": 0},
  {"at": "2026-11-29T10:00:20.400Z", "from": "primary", "to": "backup", "reason": "media-gap", "gap_ms": 412.5, "held_pictures": 2},
  {"at": "2026-11-29T10:00:40.000Z", "from": "backup", "to": "primary", "reason": "failback", "gap_ms": 33.0, "held_pictures": 0},
  {"at": "yesterday", "to": "backup"}],
  "health": [
  {"at": "2026-11-29T10:00:20.350Z", "source": "primary", "aspect": "picture", "change": "impaired", "evidence": "no picture for 0.3 s"},
  {"at": "2026-11-29T10:00:39.000Z", "source": "primary", "aspect": "picture", "change": "cleared", "evidence": "pictures come"}],
  "events": [
  {"at": "2026-11-29T10:00:20.300Z", "source": "primary", "event": "disconnected", "text": "the publisher has left"},
  {"at": "2026-11-29T10:00:38.000Z", "source": "primary", "event": "connected"}]})";
constexpr base::UtcTime kTen = std::chrono::sys_days{std::chrono::year{2026} / 11 / 29} + 10h;

// Answers every request with the stream.
struct Server final : Transport {
  TransferId start(TransportRequest&& request, TransferReceiver& receiver) override {
    urls.push_back(*request.url);
    waiting = &receiver;
    return TransferId{urls.size()};
  }
  void cancel(TransferId) override { waiting = nullptr; }
  void leave(base::ViewerId) override {}
  void answer(const std::string& body, int status = 200) {
    TransportOutcome outcome;
    outcome.status = status;
    outcome.body = body;
    waiting->on_outcome(TransferId{urls.size()}, std::move(outcome));
  }
  std::vector<std::string> urls;
  TransferReceiver* waiting = nullptr;
};

TEST(ContributionWatch, ReadsTheServersSwitchesAndTroubles) {
  const auto [switches, troubles, late_pictures] = feed_facts_of(kStream);
  ASSERT_EQ(switches.size(), 3U);
  EXPECT_EQ(switches[1],
            (FeedSwitchFact{
                .at = kTen + 20400ms, .from = "primary", .to = "backup", .reason = "media-gap", .gap_ms = 412.5, .held_pictures = 2}));
  EXPECT_EQ(troubles, (std::vector<FeedTroubleFact>{{kTen + 20350ms, "primary: picture: no picture for 0.3 s"},
                                                    {kTen + 20300ms, "primary: the publisher has left"}}));
  EXPECT_EQ(late_pictures, 45);
  for (const char* nothing : {"no JSON", "{}"}) {
    EXPECT_EQ(feed_facts_of(nothing).late_pictures, 0);
    EXPECT_TRUE(feed_facts_of(nothing).switches.empty());
    EXPECT_TRUE(feed_facts_of(nothing).troubles.empty());
  }
}

TEST(ContributionWatch, FindsTheSwitchThatBelongsToADrill) {
  Server server;
  ContributionWatch watch{server, "http://c/v1/streams/main"};
  watch.ask();
  watch.ask();
  EXPECT_EQ(server.urls, std::vector<std::string>{"http://c/v1/streams/main"}) << "one at a time";
  server.answer(kStream);
  watch.ask();
  server.answer(kStream);
  const auto made = watch.first_forced(kTen + 20s, kTen + 30s);
  ASSERT_TRUE(made);
  EXPECT_EQ(made->to, "backup");
  EXPECT_FALSE(watch.first_forced(kTen + 30s, kTen + 60s)) << "a failback is none";
  EXPECT_EQ(watch.count(kTen + 20s, kTen + 60s), 2U);
  EXPECT_EQ(watch.first_noticed(kTen + 20s, kTen + 60s)->what, "primary: the publisher has left");
  EXPECT_EQ(watch.first_noticed(kTen + 20310ms, kTen + 60s)->what, "primary: picture: no picture for 0.3 s");
  EXPECT_EQ(watch.first_noticed(kTen + 20360ms, kTen + 60s), (FeedTroubleFact{kTen + 20400ms, "primary: media-gap"}));
  EXPECT_FALSE(watch.first_noticed(kTen + 21s, kTen + 60s)) << "what gets well is no trouble";
}

TEST(ContributionWatch, KnowsNothingWhereTheServerDoesNotAnswer) {
  Server server;
  ContributionWatch watch{server, "http://c/v1/streams/main"};
  watch.ask();
  server.answer("{}", 404);
  EXPECT_EQ(watch.count(kTen, kTen + 60s), 0U);
}

}  // namespace
}  // namespace harness

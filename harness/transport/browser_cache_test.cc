#include "harness/transport/browser_cache.h"

#include <gtest/gtest.h>

#include <map>

#include "base/virtual_timeline.h"

namespace harness {
namespace {

using namespace base::literals;

constexpr base::ViewerId kAnna{1}, kBert{2};
constexpr base::UtcTime kNoon{std::chrono::sys_days{std::chrono::year{2026} / 1 / 1} + std::chrono::hours{12}};

// Answers each request 100 ms later with what the test says next.
class ScriptedNetwork final : public Transport {
 public:
  explicit ScriptedNetwork(base::Timeline& timeline) : timeline_{timeline} {}
  TransferId start(TransportRequest&& request, TransferReceiver& receiver) override {
    const TransferId id{++last_};
    asked.push_back(std::move(request));
    timers_[id] = timeline_.call_at(timeline_.now() + 100ms, [this, id, &receiver] {
      TransportOutcome outcome = answer;
      outcome.ttfb = outcome.took = 100ms;
      receiver.on_outcome(id, std::move(outcome));
    });
    return id;
  }
  void cancel(TransferId id) override { timers_.erase(id); }
  void leave(base::ViewerId) override {}
  TransportOutcome answer;
  std::vector<TransportRequest> asked;

 private:
  base::Timeline& timeline_;
  std::map<TransferId, base::Timer> timers_;
  std::uint64_t last_ = 0;
};

class Ear final : public TransferReceiver {
 public:
  void on_progress(TransferId, const TransferProgress&) override {}
  void on_outcome(TransferId, TransportOutcome&& outcome) override { heard.push_back(std::move(outcome)); }
  std::vector<TransportOutcome> heard;
};

CacheFields said(std::initializer_list<std::pair<const char*, const char*>> lines) {
  CacheFields fields;
  for (const auto& [name, value] : lines) note_field(fields, name, value);
  return fields;
}

struct BrowserCacheTest : testing::Test {
  // Returns: what came of it, a second later.
  TransportOutcome ask(TransportRequest request) {
    if (request.url.empty()) request.url = "http://origin/a";
    if (request.cache == CacheUse::kNone) request.cache = CacheUse::kOther;
    request.timeout = 10s;
    cache.start(std::move(request), ear);
    timeline.run_until(timeline.now() + 1s);
    return ear.heard.back();
  }
  TransportOutcome ask_as(base::ViewerId viewer) { return ask({.viewer = viewer, .keep_body = true}); }
  void serve(CacheFields caching, int status = 200) {
    network.answer = {.status = status, .body = "hello", .bytes = 5_B, .caching = std::move(caching)};
  }
  void serve_not_modified(CacheFields caching) { network.answer = {.status = 304, .caching = std::move(caching)}; }
  std::size_t wire() const { return network.asked.size(); }

  base::VirtualTimeline timeline;
  ScriptedNetwork network{timeline};
  BrowserCache cache{network, timeline, {timeline.now(), kNoon}};
  Ear ear;
};

TEST_F(BrowserCacheTest, AnswersWhatIsFreshWithoutTheNetwork) {
  serve(said({{"Cache-Control", "max-age=60"}}));
  ask_as(kAnna);
  const TransportOutcome again = ask_as(kAnna);
  EXPECT_EQ(wire(), 1u);
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(again.body, "hello");
  EXPECT_EQ(again.bytes, 0_B);
  EXPECT_EQ(again.cached, 5_B);
  EXPECT_EQ(again.took, 2500us);
  EXPECT_FALSE(again.validated);
}

TEST_F(BrowserCacheTest, AsksAgainForWhatIsStaleAndCannotBeValidated) {
  serve(said({{"Cache-Control", "max-age=60"}}));
  ask_as(kAnna);
  timeline.run_until(timeline.now() + 60s);
  EXPECT_EQ(ask_as(kAnna).bytes, 5_B);
  EXPECT_EQ(wire(), 2u);
  EXPECT_TRUE(network.asked[1].headers.empty());
}

// RFC 9111, 4.3.1 and 4.3.4.
TEST_F(BrowserCacheTest, AsksWhetherWhatIsStaleStillHolds) {
  serve(said({{"Cache-Control", "max-age=1"}, {"ETag", "\"v1\""}, {"Last-Modified", "Sun, 06 Nov 1994 08:49:37 GMT"}}));
  ask_as(kAnna);
  timeline.run_until(timeline.now() + 5s);
  serve_not_modified(said({{"Cache-Control", "max-age=60"}, {"ETag", "\"v1\""}}));
  const TransportOutcome confirmed = ask_as(kAnna);
  const std::vector<std::pair<std::string, std::string>> conditions{{"If-None-Match", "\"v1\""},
                                                                    {"If-Modified-Since", "Sun, 06 Nov 1994 08:49:37 GMT"}};
  EXPECT_EQ(network.asked[1].headers, conditions);
  EXPECT_EQ(confirmed.status, 200);
  EXPECT_EQ(confirmed.body, "hello");
  EXPECT_EQ(confirmed.bytes, 0_B);
  EXPECT_EQ(confirmed.cached, 5_B);
  EXPECT_EQ(confirmed.took, 100ms);
  EXPECT_TRUE(confirmed.validated);
}

TEST_F(BrowserCacheTest, WhatWasConfirmedIsFreshAgain) {
  serve(said({{"Cache-Control", "max-age=1"}, {"ETag", "\"v1\""}}));
  ask_as(kAnna);
  timeline.run_until(timeline.now() + 5s);
  serve_not_modified(said({{"Cache-Control", "max-age=60"}}));
  ask_as(kAnna);
  ask_as(kAnna);
  EXPECT_EQ(wire(), 2u);
  timeline.run_until(timeline.now() + 60s);
  ask_as(kAnna);
  ASSERT_EQ(wire(), 3u);
  EXPECT_EQ(network.asked[2].headers.size(), 1u) << "the tag of the first answer is kept";
}

TEST_F(BrowserCacheTest, WhatHasChangedTakesTheOldOnesPlace) {
  serve(said({{"Cache-Control", "no-cache"}, {"ETag", "\"v1\""}}));
  ask_as(kAnna);
  network.answer = {.status = 200, .body = "other", .bytes = 9_B, .caching = said({{"Cache-Control", "max-age=60"}, {"ETag", "\"v2\""}})};
  EXPECT_EQ(ask_as(kAnna).body, "other");
  EXPECT_EQ(ask_as(kAnna).body, "other");
  EXPECT_EQ(wire(), 2u);
}

TEST_F(BrowserCacheTest, PassesOnWhatBecameOfAConditionThatFailed) {
  serve(said({{"Cache-Control", "no-cache"}, {"ETag", "\"v1\""}}));
  ask_as(kAnna);
  network.answer = {.status = 503};
  EXPECT_EQ(ask_as(kAnna).status, 503);
}

struct MissRow {
  const char* why;
  TransportRequest request;
  CacheFields caching;
  int status = 200;
};

TEST_F(BrowserCacheTest, KeepsNothingElse) {
  const CacheFields fresh = said({{"Cache-Control", "max-age=60"}});
  const std::pair<std::string, std::string> range{"Range", "bytes=0-4"}, token{"Authorization", "Bearer x"};
  const MissRow rows[] = {
      {"RFC 9111, 3: POST", {.method = "POST"}, fresh},
      {"RFC 9111, 3: HEAD is not given a GET's answer", {.method = "HEAD"}, fresh},
      {"RFC 9111, 5.2.2.5: no-store", {}, said({{"Cache-Control", "no-store, max-age=60"}})},
      {"an error", {}, fresh, 404},
      {"RFC 9111, 4.2.2: nothing is said", {}, {}},
      {"RFC 9111, 4.1: varies by what players send",
       {.headers = {token}},
       said({{"Cache-Control", "max-age=60"}, {"Vary", "Cookie, Authorization"}})},
      {"RFC 9111, 4.1: varies by anything", {}, said({{"Cache-Control", "max-age=60"}, {"Vary", "*"}})},
      {"a range that is answered whole", {.headers = {range}}, fresh},
      {"a part without a strong validator", {.headers = {range}}, fresh, 206},
      {"a segment that is never fresh", {.cache = CacheUse::kSegment}, said({{"Cache-Control", "no-cache"}, {"ETag", "\"v1\""}})},
  };
  for (const MissRow& row : rows) {
    network.asked.clear();
    serve(row.caching, row.status);
    TransportRequest request = row.request;
    request.url = row.why;
    ask(request);
    EXPECT_FALSE(cache.answers(network.asked[0])) << row.why;
    EXPECT_EQ(ask(request).bytes, 5_B) << row.why;
    EXPECT_EQ(wire(), 2u) << row.why;
  }
}

TEST_F(BrowserCacheTest, KeepsWhatVariesByWhatIsAlwaysTheSame) {
  serve(said({{"Cache-Control", "max-age=60"}, {"Vary", "Accept-Encoding, Origin"}}));
  ask({.headers = {{"Authorization", "Bearer x"}}});
  ask({.headers = {{"Authorization", "Bearer y"}}});
  EXPECT_EQ(wire(), 1u);
}

TEST_F(BrowserCacheTest, KeepsEachRangeByItself) {
  serve(said({{"Cache-Control", "max-age=60"}, {"ETag", "\"v1\""}}), 206);
  for (const char* range : {"bytes=0-4", "bytes=5-9", "bytes=0-4", "bytes=5-9"}) {
    EXPECT_EQ(ask({.headers = {{"Range", range}}, .cache = CacheUse::kSegment}).status, 206);
    EXPECT_EQ(ask({.headers = {{"Range", range}}, .cache = CacheUse::kOther}).status, 206);
  }
  EXPECT_EQ(wire(), 4u);
}

TEST_F(BrowserCacheTest, KeepsNothingOfWhatWasBrokenOff) {
  serve(said({{"Cache-Control", "max-age=60"}}));
  cache.cancel(cache.start({.viewer = kAnna, .url = "http://origin/a", .timeout = 10s, .cache = CacheUse::kOther}, ear));
  network.answer.failure = "reset";
  ask_as(kAnna);
  network.answer.failure.clear();
  EXPECT_EQ(ask_as(kAnna).bytes, 5_B);
}

TEST_F(BrowserCacheTest, TellsNothingOfWhatWasCancelled) {
  serve(said({{"Cache-Control", "max-age=60"}}));
  ask_as(kAnna);
  cache.cancel(cache.start({.viewer = kAnna, .url = "http://origin/a", .timeout = 10s, .cache = CacheUse::kOther}, ear));
  timeline.run_until(timeline.now() + 1s);
  EXPECT_EQ(ear.heard.size(), 1u);
}

TEST_F(BrowserCacheTest, EveryViewerHasACacheOfItsOwnUntilItIsForgotten) {
  serve(said({{"Cache-Control", "max-age=60"}}));
  ask_as(kAnna);
  ask_as(kBert);
  EXPECT_EQ(wire(), 2u);
  cache.leave(kAnna);
  ask_as(kAnna);
  EXPECT_EQ(wire(), 2u) << "the same browser, another channel";
  cache.forget(kAnna);
  ask_as(kAnna);
  ask_as(kBert);
  EXPECT_EQ(wire(), 3u);
}

TEST_F(BrowserCacheTest, WhoHasNoneAlwaysAsks) {
  serve(said({{"Cache-Control", "max-age=60"}}));
  for (int i = 0; i < 2; ++i) {
    cache.start({.viewer = kAnna, .url = "http://origin/a", .timeout = 10s}, ear);
    timeline.run_until(timeline.now() + 1s);
  }
  EXPECT_EQ(wire(), 2u);
}

TEST_F(BrowserCacheTest, GivesALargeAnswerInAMomentMore) {
  serve(said({{"Cache-Control", "max-age=60"}}));
  network.answer.bytes = 1'000'000_B;
  ask({.cache = CacheUse::kSegment});
  const TransportOutcome again = ask({.cache = CacheUse::kSegment});
  EXPECT_EQ(again.took, 4100us);
  EXPECT_EQ(again.cached, 1'000'000_B);
}

TEST_F(BrowserCacheTest, ForgetsTheOldestSegmentsAndWhatWasNotUsedForLongest) {
  serve(said({{"Cache-Control", "max-age=3600"}}));
  const auto url = [](std::size_t i) { return "http://origin/" + std::to_string(i); };
  for (std::size_t i = 0; i <= BrowserCache::kSegments; ++i) ask({.url = url(i), .cache = CacheUse::kSegment});
  EXPECT_FALSE(cache.answers({.url = url(0), .cache = CacheUse::kSegment}));
  EXPECT_TRUE(cache.answers({.url = url(1), .cache = CacheUse::kSegment}));
  for (std::size_t i = 0; i < BrowserCache::kOthers; ++i) ask({.url = url(i)});
  ask({.url = url(0)});
  ask({.url = url(BrowserCache::kOthers)});
  EXPECT_TRUE(cache.answers({.url = url(0), .cache = CacheUse::kOther}));
  EXPECT_FALSE(cache.answers({.url = url(1), .cache = CacheUse::kOther}));
  EXPECT_GT(cache.bytes_held({}), 1000u);
  EXPECT_LE(cache.bytes_held({}), 1280u);
}

TEST(AnswerPool, HoldsOneCopyForAllWhoGotTheSame) {
  AnswerPool pool;
  const KeptAnswer answer{.key = 7, .bytes = 5_B, .body = "hello", .etag = "\"v1\""};
  const auto first = pool.take(answer), second = pool.take(answer);
  ASSERT_TRUE(first && second);
  EXPECT_EQ(*first, *second);
  const std::size_t one = pool.bytes();
  KeptAnswer other = answer;
  other.body = "hullo";
  EXPECT_NE(*pool.take(other), *first);
  EXPECT_EQ(pool.bytes(), 2 * one);
}

TEST(AnswerPool, ClearsWhatNobodyHolds) {
  AnswerPool pool;
  const auto place = pool.take({.key = 7, .bytes = 5_B, .body = "hello"});
  pool.hold(*place);
  pool.release(*place);
  EXPECT_EQ(pool.at(*place).body, "hello");
  pool.release(*place);
  EXPECT_EQ(pool.bytes(), 0u);
  EXPECT_EQ(pool.take({.key = 8, .bytes = 1_B}), place) << "its place is free";
}

TEST(AnswerPool, TakesNothingBeyondItsBound) {
  AnswerPool pool{1000};
  ASSERT_TRUE(pool.take({.key = 1, .bytes = 5_B, .body = "hello"}));
  EXPECT_FALSE(pool.take({.key = 2, .bytes = 5_B, .body = std::string(1000, 'x')}));
  EXPECT_TRUE(pool.take({.key = 1, .bytes = 5_B, .body = "hello"})) << "it is there already";
}

}  // namespace
}  // namespace harness

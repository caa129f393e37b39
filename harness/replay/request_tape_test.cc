#include "harness/replay/request_tape.h"

#include "base/virtual_timeline.h"
#include "harness/replay/replay_script.h"
#include "harness/transport/browser_cache.h"

namespace harness {
namespace {

using namespace base::literals;

// Answers everything with 10,000 bytes after 100 ms, and tells of half of them after 50 ms.
class SlowNetwork final : public Transport {
 public:
  explicit SlowNetwork(base::Timeline& timeline) : timeline_{timeline} {}
  TransferId start(TransportRequest&&, TransferReceiver& receiver) override {
    const TransferId id{++started};
    timers_[id].push_back(timeline_.call_at(timeline_.now() + 50ms, [&receiver, id] {
      receiver.on_progress(id, {5'000_B, 10'000_B, 40ms});
    }));
    timers_[id].push_back(timeline_.call_at(timeline_.now() + 100ms, [this, &receiver, id] {
      receiver.on_outcome(id, {.status = status, .bytes = 10'000_B, .ttfb = 40ms, .took = 100ms, .caching = CacheFields{.max_age = 1h}});
    }));
    return id;
  }
  void cancel(TransferId id) override { timers_.erase(id); }
  void leave(base::ViewerId) override {}
  std::uint64_t started = 0;
  int status = 200;

 private:
  base::Timeline& timeline_;
  std::map<TransferId, std::vector<base::Timer>> timers_;
};

class Listener final : public TransferReceiver {
 public:
  void on_progress(TransferId, const TransferProgress&) override { ++progress; }
  void on_outcome(TransferId, TransportOutcome&& outcome) override { outcomes.push_back(std::move(outcome)); }
  int progress = 0;
  std::vector<TransportOutcome> outcomes;
};

struct ReplayTape : testing::Test {
  TransferId ask(const std::string& url) { return tape.start({.url = url, .timeout = 10s, .cache = CacheUse::kSegment}, listener); }
  base::VirtualTimeline timeline;
  base::Instant t0 = timeline.now();
  SlowNetwork network{timeline};
  BrowserCache cache{network, timeline, {t0, {}}};
  RequestTape tape{cache, timeline, t0, [this](const TransportRequest& request) {
                     return RequestRecord{.kind = RequestKind::kVideo, .cached = cache.answers(request)};
                   }};
  Listener listener;
};

TEST_F(ReplayTape, WritesDownWhenARequestBeganAndEnded) {
  timeline.run_until(t0 + 30ms);
  ask("http://origin/a");
  timeline.run_until(t0 + 1s);
  ASSERT_EQ(tape.requests().size(), 1u);
  const RequestRecord& request = tape.requests()[0];
  EXPECT_EQ(request.started, 30ms);
  EXPECT_EQ(request.first_byte, 70ms);
  EXPECT_EQ(request.ended, 130ms);
  EXPECT_EQ(request.bytes, 10'000_B);
  EXPECT_TRUE(is_complete(request));
}

TEST_F(ReplayTape, PassesEverythingOn) {
  ask("http://origin/a");
  timeline.run_until(t0 + 1s);
  EXPECT_EQ(listener.progress, 1);
  ASSERT_EQ(listener.outcomes.size(), 1u);
  EXPECT_EQ(listener.outcomes[0].took, 100ms);
}

TEST_F(ReplayTape, MarksWhatThePlayerCancelledAsAborted) {
  const TransferId id = ask("http://origin/a");
  timeline.run_until(t0 + 60ms);
  tape.cancel(id);
  timeline.run_until(t0 + 1s);
  EXPECT_TRUE(tape.requests()[0].aborted);
  EXPECT_EQ(tape.requests()[0].ended, 60ms);
  EXPECT_EQ(tape.requests()[0].bytes, 5'000_B);
  EXPECT_TRUE(listener.outcomes.empty());
}

TEST_F(ReplayTape, LeavesOpenWhatRunsWhenTheSessionEnds) {
  const TransferId id = ask("http://origin/a");
  timeline.run_until(t0 + 60ms);
  tape.stop();
  tape.cancel(id);
  EXPECT_FALSE(tape.requests()[0].aborted);
  EXPECT_EQ(tape.requests()[0].ended, std::nullopt);
}

TEST_F(ReplayTape, MarksARefusalAsFailed) {
  network.status = 404;
  ask("http://origin/a");
  timeline.run_until(t0 + 1s);
  EXPECT_TRUE(tape.requests()[0].failed);
}

TEST_F(ReplayTape, AnswersARepeatFromTheBrowsersCache) {
  ask("http://origin/a");
  timeline.run_until(t0 + 1s);
  ask("http://origin/a");
  timeline.run_until(t0 + 2s);
  EXPECT_EQ(network.started, 1u);
  ASSERT_EQ(listener.outcomes.size(), 2u);
  EXPECT_EQ(listener.outcomes[1].cached, 10'000_B);
  EXPECT_EQ(tape.requests()[1].bytes, 10'000_B);
  EXPECT_TRUE(tape.requests()[1].cached);
  EXPECT_LT(*tape.requests()[1].ended, 1s + 10ms);
}

}  // namespace
}  // namespace harness

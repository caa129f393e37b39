#include "harness/run/viewer.h"

#include <gtest/gtest.h>

#include <map>

#include "base/virtual_timeline.h"

namespace harness {
namespace {

using namespace base::literals;

// Keeps what was asked; answers when told to.
class ScriptedTransport final : public Transport {
 public:
  TransferId start(TransportRequest&& request, TransferReceiver& receiver) override {
    const TransferId id{++last_};
    started.push_back(std::move(request));
    running[id] = &receiver;
    return id;
  }
  void cancel(TransferId id) override { cancelled += running.erase(id); }
  void leave(base::ViewerId) override { ++left; }
  void answer_first(TransportOutcome outcome) {
    const auto first = running.begin();
    TransferReceiver* receiver = first->second;
    const TransferId id = first->first;
    running.erase(first);
    receiver->on_outcome(id, std::move(outcome));
  }
  std::vector<TransportRequest> started;
  std::map<TransferId, TransferReceiver*> running;
  std::size_t cancelled = 0, left = 0;

 private:
  std::uint64_t last_ = 0;
};

class Witness final : public ViewerObserver {
 public:
  void on_note(base::ViewerId, base::Instant, const Telemetry& what) override { notes.push_back(what); }
  void on_finish(base::ViewerId, base::Instant, const Finish& how) override { endings.push_back(how.ending); }
  void on_lateness(base::Duration late) override { latest = std::max(latest, late); }
  std::vector<Telemetry> notes;
  std::vector<Ending> endings;
  base::Duration latest{};
};

Device device() { return {.name = "test", .buffer_target = 10s, .initial_estimate = 1'000_kbps, .start_buffer = 1s, .resume_buffer = 1s}; }

struct ViewerTest : testing::Test {
  base::VirtualTimeline timeline;
  ScriptedTransport transport;
  Witness witness;
  Viewer viewer{base::ViewerId{7},
                {.device = device(),
                 .manifest_url = "http://model/vod/main/master.m3u8",
                 .content = ContentKind::kVod,
                 .wall = {base::VirtualTimeline::kStart, {}}},
                timeline,
                transport,
                witness};
};

TEST_F(ViewerTest, AsksForTheManifestAsItsOwnViewer) {
  viewer.begin();
  ASSERT_EQ(transport.started.size(), 1u);
  EXPECT_EQ(transport.started[0].url, "http://model/vod/main/master.m3u8");
  EXPECT_EQ(transport.started[0].viewer, base::ViewerId{7});
  EXPECT_TRUE(transport.started[0].keep_body);
  EXPECT_GT(transport.started[0].timeout, 0s);
}

TEST_F(ViewerTest, AsksForAllWhomItStandsFor) {
  viewer.begin();
  EXPECT_EQ(transport.started.at(0).weight, 1);
  viewer.stand_for(12);
  transport.answer_first({.failure = "reset"});
  timeline.run_until(timeline.now() + 30s);
  ASSERT_GE(transport.started.size(), 2u);
  EXPECT_EQ(transport.started[1].weight, 12);
}

TEST_F(ViewerTest, VanishesWithoutAnEnding) {
  viewer.begin();
  viewer.vanish();
  timeline.run_until(timeline.now() + 1min);
  EXPECT_EQ(transport.cancelled, 1u);
  EXPECT_EQ(transport.left, 1u);
  EXPECT_EQ(transport.started.size(), 1u);
  EXPECT_TRUE(witness.endings.empty());
}

TEST_F(ViewerTest, StoppingCancelsWhatRunsAndLeavesOnce) {
  viewer.begin();
  viewer.stop();
  viewer.stop();
  EXPECT_TRUE(transport.running.empty());
  EXPECT_EQ(transport.left, 1u);
  EXPECT_EQ(witness.endings, std::vector{Ending::kStopped});
}

TEST_F(ViewerTest, PassesAFailureOnAsARequestThatBroke) {
  viewer.begin();
  transport.answer_first({.failure = "refused"});
  const auto* request = witness.notes.empty() ? nullptr : std::get_if<RequestDone>(&witness.notes.front());
  ASSERT_NE(request, nullptr);
  EXPECT_EQ(request->failure, "refused");
}

TEST_F(ViewerTest, WakesThePlayerWhenItAskedToBeWoken) {
  viewer.begin();
  transport.answer_first({.failure = "refused"});
  timeline.run_until([&] { return transport.started.size() > 1; }, timeline.now() + 30s);
  EXPECT_EQ(transport.started.size(), 2u) << "a refused manifest is asked for again after a pause";
  EXPECT_EQ(witness.latest, 0s);
}

TEST_F(ViewerTest, DestroyingAViewerSilencesItsTransfers) {
  auto short_lived = std::make_unique<Viewer>(base::ViewerId{8}, PlayerConfig{.device = device(), .manifest_url = "http://model/x.m3u8"},
                                              timeline, transport, witness);
  short_lived->begin();
  short_lived.reset();
  EXPECT_TRUE(transport.running.empty());
}

}  // namespace
}  // namespace harness

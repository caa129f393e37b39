#include "harness/run/shared_server.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <deque>
#include <map>

#include "harness/transport/transfer_names.h"

namespace harness {
namespace {

using namespace std::chrono_literals;

constexpr base::Instant kServed = base::VirtualTimeline::kStart + 100s;

// Writes down what it is asked, and when.
struct Diary final : ModelServer {
  void leave(base::ViewerId viewer) override { asked.emplace_back(base::Instant{}, fmt::format("{} leaves", index_of(viewer))); }
  ModelReply reply(base::Instant now, const TransportRequest& request) override {
    asked.emplace_back(now, request.url);
    return {.body = request.url};
  }
  base::Instant announce(TransferId, base::Instant arrival, const TransportRequest&, ModelReply&) override {
    return std::max(arrival, held);
  }
  base::Instant held{};
  std::vector<std::pair<base::Instant, std::string>> asked;
};

struct SharedServerTest : testing::Test {
  Diary diary;
  std::deque<TransportRequest> requests;
  std::map<std::uint32_t, ModelReply> answers;  // by viewer
  base::VirtualTimeline clock;
  SharedServer server{diary};
  SharedServer::Desk &left = server.open_desk(clock), &right = server.open_desk(clock);

  static TransferId id(std::uint32_t viewer) { return transfer_id(base::ViewerId{viewer}, 1); }
  base::Instant announce(SharedServer::Desk& desk, std::uint32_t viewer, base::Instant arrival, const char* url) {
    const TransportRequest& request = requests.emplace_back(TransportRequest{.viewer = base::ViewerId{viewer}, .url = url});
    return desk.announce(id(viewer), arrival, request, answers[viewer]);
  }
  base::SharedText heard(SharedServer::Desk& desk, std::uint32_t viewer, base::Instant now) {
    desk.reply_to(now, {}, answers[viewer]);
    return answers[viewer].body;
  }
};

TEST_F(SharedServerTest, AnswersInTheOrderOfArrivalOverAllDesks) {
  announce(left, 0, kServed + 3ms, "third");
  announce(right, 1, kServed + 2ms, "second");
  announce(left, 2, kServed + 1ms, "first");
  announce(right, 3, kServed + 9ms, "next time");
  server.answer_through(kServed + 5ms);
  EXPECT_EQ(diary.asked, (std::vector<std::pair<base::Instant, std::string>>{
                             {kServed + 1ms, "first"}, {kServed + 2ms, "second"}, {kServed + 3ms, "third"}}));
  EXPECT_EQ(heard(right, 1, kServed + 2ms), "second");
  server.answer_through(kServed + 10ms);
  EXPECT_EQ(heard(right, 3, kServed + 9ms), "next time");
}

// However far their halls ran, those who leave do so between what arrives before and after.
TEST_F(SharedServerTest, LetsViewersLeaveAtTheirInstant) {
  base::LaneTimeline lanes{3};
  SharedServer::Desk& desk = server.open_desk(lanes);
  const base::Instant start = lanes.now();
  std::vector<base::Timer> timers;
  for (std::uint32_t viewer : {1u, 2u})
    lanes.enter(viewer, [&] {
      timers.push_back(lanes.call_at(start + (viewer == 1 ? 9ms : 3ms), [&desk, viewer] { desk.leave(base::ViewerId{viewer}); }));
    });
  lanes.run_before(start + 20ms);
  announce(left, 5, start + 2ms, "first");
  announce(right, 6, start + 4ms, "second");
  const auto asked = [&] {
    std::vector<std::string> out;
    for (const auto& [at, what] : diary.asked) out.push_back(what);
    return out;
  };
  server.answer_through(start + 5ms);
  EXPECT_EQ(asked(), (std::vector<std::string>{"first", "2 leaves", "second"}));
  server.answer_through(start + 10ms);
  EXPECT_EQ(asked().back(), "1 leaves");
}

TEST_F(SharedServerTest, TakesTheLowerViewerFirstWhereTwoArriveAtOnce) {
  announce(right, 7, kServed, "seven");
  announce(left, 4, kServed, "four");
  server.answer_through(kServed);
  ASSERT_EQ(diary.asked.size(), 2u);
  EXPECT_EQ(diary.asked[0].second, "four");
}

TEST_F(SharedServerTest, PutsOffWhatWouldArriveWhileTheHallsRun) {
  server.answer_through(kServed + 5ms);
  EXPECT_EQ(announce(left, 0, kServed + 2ms, "too soon"), kServed + 5ms + 1ns);
  EXPECT_EQ(announce(left, 1, kServed + 6ms, "in time"), kServed + 6ms);
}

// Whoever asks at an instant has run on before anything of that instant is answered.
TEST_F(SharedServerTest, PutsOffByAMomentWhatWouldArriveAtOnce) {
  clock.run_until(kServed);
  EXPECT_EQ(announce(left, 0, kServed, "at once"), kServed + 1ns);
  base::LaneTimeline lanes{2};
  SharedServer::Desk& desk = server.open_desk(lanes);
  lanes.run_before(kServed);
  lanes.enter(1, [&] { EXPECT_EQ(announce(desk, 1, kServed, "at once, too"), kServed + 1ns); });
  server.answer_through(kServed + 1ns);
  EXPECT_EQ(diary.asked.size(), 2u);
}

TEST_F(SharedServerTest, ForgetsWhatIsWithdrawn) {
  announce(left, 0, kServed, "answered");
  announce(left, 1, kServed + 8ms, "on its way");
  server.answer_through(kServed + 5ms);
  left.withdraw(id(0));
  left.withdraw(id(1));
  server.answer_through(kServed + 10ms);
  EXPECT_EQ(diary.asked.size(), 1u);
}

// Two viewers with times of their own: what the one asks later than the other is asked later, however far it ran first.
TEST_F(SharedServerTest, HoldsWhoAskedUntilTheAnswerIsThere) {
  base::LaneTimeline lanes{3};
  SharedServer::Desk& desk = server.open_desk(lanes);
  const base::Instant start = lanes.now();
  std::vector<base::Timer> timers;
  std::vector<std::string> answered;
  const auto ask = [&](std::uint32_t viewer, base::Duration arrives, const char* url) {
    announce(desk, viewer, start + arrives, url);
    timers.push_back(lanes.call_at(start + arrives, [&, viewer] { answered.push_back(heard(desk, viewer, lanes.now())); }));
  };
  lanes.enter(1, [&] { ask(1, 8ms, "later"); });
  lanes.enter(2, [&] { ask(2, 5ms, "sooner"); });
  lanes.run_before(start + 20ms);
  EXPECT_TRUE(answered.empty());
  EXPECT_EQ(server.next_arrival(), start + 5ms);
  server.answer_through(start + 6ms);
  lanes.run_on();
  EXPECT_EQ(answered, std::vector<std::string>{"sooner"});
  EXPECT_EQ(server.next_arrival(), start + 8ms);
  server.answer_through(start + 8ms);
  lanes.run_on();
  EXPECT_EQ(answered, (std::vector<std::string>{"sooner", "later"}));
  EXPECT_EQ(server.next_arrival(), std::nullopt);
}

TEST_F(SharedServerTest, LetsGoOfWhoGivesUp) {
  base::LaneTimeline lanes{2};
  SharedServer::Desk& desk = server.open_desk(lanes);
  const base::Instant start = lanes.now();
  bool went_on = false;
  base::Timer gives_up, goes_on;
  lanes.enter(1, [&] {
    announce(desk, 1, start + 5ms, "never heard");
    gives_up = lanes.call_at(start + 2ms, [&] { desk.withdraw(id(1)); });
    goes_on = lanes.call_at(start + 9ms, [&] { went_on = true; });
  });
  lanes.run_before(start + 20ms);
  EXPECT_TRUE(went_on);
  EXPECT_EQ(server.next_arrival(), std::nullopt);
}

TEST_F(SharedServerTest, AnswersWhatIsHeldOnceItIsLetGo) {
  diary.held = kServed + 50ms;
  EXPECT_EQ(announce(left, 1, kServed + 10ms, "early"), kServed + 50ms);
  EXPECT_EQ(announce(right, 2, kServed + 60ms, "late"), kServed + 60ms);
  server.answer_through(kServed + 55ms);
  EXPECT_EQ(diary.asked, (std::vector<std::pair<base::Instant, std::string>>{{kServed + 50ms, "early"}}));
}

}  // namespace
}  // namespace harness

#include "harness/run/shared_server.h"

#include <gtest/gtest.h>

#include "harness/transport/transfer_names.h"

namespace harness {
namespace {

using namespace std::chrono_literals;

constexpr base::Instant kServed{100s};

// Writes down what it is asked, and when.
struct Diary final : ModelServer {
  ModelReply reply(base::Instant now, const TransportRequest& request) override {
    asked.emplace_back(now, request.url);
    return {.body = request.url};
  }
  std::vector<std::pair<base::Instant, std::string>> asked;
};

struct SharedServerTest : testing::Test {
  Diary diary;
  SharedServer server{diary};
  SharedServer::Desk &left = server.open_desk(), &right = server.open_desk();

  static TransferId id(std::uint32_t viewer) { return transfer_id(base::ViewerId{viewer}, 1); }
  static base::Instant announce(SharedServer::Desk& desk, std::uint32_t viewer, base::Instant arrival, const char* url) {
    return desk.announce(id(viewer), arrival, {.viewer = base::ViewerId{viewer}, .url = url});
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
  EXPECT_EQ(right.reply_to(id(1), kServed + 2ms, {}).body, "second");
  server.answer_through(kServed + 10ms);
  EXPECT_EQ(right.reply_to(id(3), kServed + 9ms, {}).body, "next time");
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

TEST_F(SharedServerTest, ForgetsWhatIsWithdrawn) {
  announce(left, 0, kServed, "answered");
  announce(left, 1, kServed + 8ms, "on its way");
  server.answer_through(kServed + 5ms);
  left.withdraw(id(0));
  left.withdraw(id(1));
  server.answer_through(kServed + 10ms);
  EXPECT_EQ(diary.asked.size(), 1u);
}

}  // namespace
}  // namespace harness

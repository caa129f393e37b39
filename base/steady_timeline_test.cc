#include "base/steady_timeline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

namespace base {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

class SteadyTimelineTest : public testing::Test {
 protected:
  Timer note(int what) {
    return timeline_.call_at(timeline_.now(), [this, what] { ran_.push_back(what); });
  }

  boost::asio::io_context io_;
  SteadyTimeline timeline_{io_};
  std::vector<int> ran_;
};

TEST_F(SteadyTimelineTest, CallsWhoAskedForItOnceWhatIsDueHasRun) {
  EXPECT_FALSE(timeline_.is_waking());
  const Timer first = timeline_.call_at(timeline_.now(), [this] {
    ASSERT_TRUE(timeline_.is_waking());
    timeline_.when_awake([this] {
      EXPECT_FALSE(timeline_.is_waking());
      ran_.push_back(3);
    });
    ran_.push_back(1);
  });
  const Timer second = note(2);
  io_.run();
  EXPECT_THAT(ran_, ElementsAre(1, 2, 3));
}

TEST_F(SteadyTimelineTest, WakesForWhatIsSetWhileItWakes) {
  Timer after, later;
  const Timer first = timeline_.call_at(timeline_.now(), [&] {
    later = timeline_.call_at(timeline_.now() + 1ms, [this] { ran_.push_back(2); });
    timeline_.when_awake([&] { after = note(1); });
  });
  io_.run();
  EXPECT_THAT(ran_, ElementsAre(1, 2));
}

TEST_F(SteadyTimelineTest, GoesOnAfterACallbackThatThrew) {
  const Timer bad = timeline_.call_at(timeline_.now(), [] { throw std::runtime_error("no"); });
  EXPECT_THROW(io_.run(), std::runtime_error);
  io_.restart();
  const Timer next = note(1);
  io_.run();
  EXPECT_THAT(ran_, ElementsAre(1));
}

}  // namespace
}  // namespace base

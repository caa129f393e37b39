#include "server/ingest/publisher_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/ingest/encoder_for_test.h"

namespace server {
namespace {

struct PublisherSourceTest : testing::Test {
  std::unique_ptr<Publication> enter() {
    auto entered = points.enter({.point = "main", .key = "k"}, Container::kMpegTs);
    return std::get<std::unique_ptr<Publication>>(std::move(entered));
  }
  PublishPoints points;
  CountingSink sink;
  PublisherSource source{points, "main", {.key = "k"}, sink};
};

TEST_F(PublisherSourceTest, HangsUpOnWhatCannotBeRead) {
  const auto publication = enter();
  ASSERT_TRUE(publication->push(std::string(300'000, 'x')));
  ASSERT_TRUE(sink.gets(0, 0, 1));
  EXPECT_TRUE(publication->is_over());
  EXPECT_TRUE(publication->is_unreadable());
  EXPECT_EQ(sink.last_word(), "what it sends cannot be read as MPEG-TS");
  EXPECT_EQ(sink.unusable(), "what it sends cannot be read as MPEG-TS");
}

TEST_F(PublisherSourceTest, SaysThatAPublisherHasLeft) {
  enter().reset();
  ASSERT_TRUE(sink.gets(0, 0, 1));
  EXPECT_EQ(sink.last_word(), "the publisher has left");
  EXPECT_EQ(sink.unusable(), "");
}

TEST_F(PublisherSourceTest, DoesNotCallAPublisherUnreadableWhosePlaceAnotherTook) {
  const auto ghost = enter(), again = enter();
  EXPECT_TRUE(ghost->is_over());
  EXPECT_FALSE(ghost->is_unreadable());
  EXPECT_FALSE(again->is_over());
}

}  // namespace
}  // namespace server

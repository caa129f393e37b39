#include "server/ingest/admission.h"

#include <gtest/gtest.h>

namespace server {
namespace {
using namespace std::chrono_literals;

PublishPoint point(std::string key, std::optional<CurrentPublisher> now = std::nullopt) {
  return {.key = std::move(key), .publisher = std::move(now)};
}

TEST(Admission, LetsTheHolderOfTheKeyPublish) {
  const PublishPoint main = point("k");
  EXPECT_EQ(admission("k", &main), std::nullopt);
}

TEST(Admission, LetsAnyoneOntoAnOpenPoint) {
  const PublishPoint main = point("");
  EXPECT_EQ(admission("", &main), std::nullopt);
}

TEST(Admission, RefusesByReason) {
  const PublishPoint main = point("k");
  EXPECT_EQ(admission("other", &main), Refusal::kUnauthorized);
  EXPECT_EQ(admission("", &main), Refusal::kUnauthorized);
  EXPECT_EQ(admission("k", nullptr), Refusal::kNotFound);
}

TEST(Admission, LetsAPublisherTakeOverItsOwnGhostAtOnce) {
  const PublishPoint main = point("", CurrentPublisher{.key = "me", .silent_for = 0ms});
  EXPECT_EQ(admission("me", &main), std::nullopt);
}

TEST(Admission, RefusesAStrangerWhileThePublisherSends) {
  const PublishPoint named = point("", CurrentPublisher{.key = "me", .silent_for = 499ms});
  EXPECT_EQ(admission("you", &named), Refusal::kConflict);
  const PublishPoint nameless = point("", CurrentPublisher{.key = "", .silent_for = 0ms});
  EXPECT_EQ(admission("", &nameless), Refusal::kConflict);
}

TEST(Admission, LetsAnyoneTakeTheSeatOfASilentPublisher) {
  const PublishPoint main = point("", CurrentPublisher{.key = "me", .silent_for = kGhostAfter});
  EXPECT_EQ(admission("you", &main), std::nullopt);
}

}  // namespace
}  // namespace server

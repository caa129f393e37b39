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
  EXPECT_EQ(admission(parse_streamid("#!::r=main,u=k"), &main), std::nullopt);
}

TEST(Admission, LetsAnyoneOntoAnOpenPoint) {
  const PublishPoint main = point("");
  EXPECT_EQ(admission(parse_streamid("main"), &main), std::nullopt);
}

TEST(Admission, RefusesByReason) {
  const PublishPoint main = point("k");
  EXPECT_EQ(admission(parse_streamid("#!::nonsense"), &main), Refusal::kBadRequest);
  EXPECT_EQ(admission(parse_streamid("#!::r=main,u=other"), &main), Refusal::kUnauthorized);
  EXPECT_EQ(admission(parse_streamid("main"), &main), Refusal::kUnauthorized);
  EXPECT_EQ(admission(parse_streamid("#!::r=main,u=k,m=request"), &main), Refusal::kForbidden);
  EXPECT_EQ(admission(parse_streamid("#!::r=main,u=k,t=file"), &main), Refusal::kForbidden);
  EXPECT_EQ(admission(parse_streamid("#!::r=none,u=k"), nullptr), Refusal::kNotFound);
}

TEST(Admission, LetsAPublisherTakeOverItsOwnGhostAtOnce) {
  const PublishPoint main = point("", CurrentPublisher{.user = "me", .silent_for = 0ms});
  EXPECT_EQ(admission(parse_streamid("#!::r=main,u=me"), &main), std::nullopt);
}

TEST(Admission, RefusesAStrangerWhileThePublisherSends) {
  const PublishPoint named = point("", CurrentPublisher{.user = "me", .silent_for = 499ms});
  EXPECT_EQ(admission(parse_streamid("#!::r=main,u=you"), &named), Refusal::kConflict);
  const PublishPoint nameless = point("", CurrentPublisher{.user = "", .silent_for = 0ms});
  EXPECT_EQ(admission(parse_streamid("main"), &nameless), Refusal::kConflict);
}

TEST(Admission, LetsAnyoneTakeTheSeatOfASilentPublisher) {
  const PublishPoint main = point("", CurrentPublisher{.user = "me", .silent_for = kGhostAfter});
  EXPECT_EQ(admission(parse_streamid("#!::r=main,u=you"), &main), std::nullopt);
}

}  // namespace
}  // namespace server

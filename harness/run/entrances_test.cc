#include "harness/run/entrances.h"

#include <gtest/gtest.h>

namespace harness {
namespace {

Entrance reference(PathKind path) { return reference_entrance(path, "http://m", "http://c", "main"); }

TEST(Entrances, OfTheReferenceServerAreItsPages) {
  EXPECT_EQ(reference(PathKind::kDirect).page, "http://m/watch/main");
  EXPECT_EQ(reference(PathKind::kDirect).login_url, "");
  EXPECT_EQ(reference(PathKind::kEmbed).page, "http://m/embed/main");
  EXPECT_EQ(reference(PathKind::kEmbed).referrer, "https://publisher.example/");
  EXPECT_TRUE(reference(PathKind::kEmbed).waits_for_start);
  EXPECT_EQ(reference(PathKind::kAuthenticated).page, "http://m/watch/main");
  EXPECT_EQ(reference(PathKind::kAuthenticated).login_page, "http://c/login?stream=main");
  EXPECT_EQ(reference(PathKind::kAuthenticated).entitlements_url, "http://c/v1/entitlements");
}

TEST(Entrances, OfAnExternalTargetAreWhatItNames) {
  const ExternalTarget target{
      .url = "http://a/m", .page = "http://a/p", .login_page = "http://a/l", .embed_page = "http://a/e", .referrer = "http://n/"};
  EXPECT_EQ(external_entrance(PathKind::kDirect, target)->page, "http://a/p");
  EXPECT_EQ(external_entrance(PathKind::kDirect, target)->login_page, "");
  EXPECT_EQ(external_entrance(PathKind::kAuthenticated, target)->login_page, "http://a/l");
  EXPECT_EQ(external_entrance(PathKind::kEmbed, target)->page, "http://a/e");
  EXPECT_EQ(external_entrance(PathKind::kEmbed, target)->referrer, "http://n/");
  for (const PathKind path : {PathKind::kDirect, PathKind::kAuthenticated}) EXPECT_FALSE(external_entrance(path, {.url = "http://a/m"}));
}

TEST(Entrances, OfFurtherChannelsAreKnownOfTheReferenceServerOnly) {
  EXPECT_EQ(reference_entrance(PathKind::kDirect, "http://m", "http://c", "main-2").page, "http://m/watch/main-2");
  const ExternalTarget target{.url = "http://a/m", .page = "http://a/p", .embed_page = "http://a/e", .channels = {{.url = "http://b/m"}}};
  for (const PathKind path : {PathKind::kDirect, PathKind::kEmbed}) EXPECT_FALSE(external_entrance(path, target, 1));
}

TEST(Entrances, AnAppMakesTheCallsWithoutThePages) {
  EXPECT_FALSE(for_app(reference(PathKind::kDirect)));
  const auto account = for_app(reference(PathKind::kAuthenticated));
  ASSERT_TRUE(account);
  EXPECT_EQ(account->login_url, "http://c/v1/login");
  EXPECT_EQ(account->page + account->login_page, "");
}

}  // namespace
}  // namespace harness

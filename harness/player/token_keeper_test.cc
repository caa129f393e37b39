#include "harness/player/token_keeper.h"

#include <gtest/gtest.h>

namespace harness {
namespace {

using namespace base::literals;

constexpr base::Instant kNow{1000s};
const TokenSource kSource{.token_url = "http://s/token", .refresh_url = "http://s/refresh", .stream = "a\"b", .subject = "v", .group = "g"};
constexpr const char* kAnswer = R"({"access_token":"abc","refresh_token":"r1","expires_in":100})";

TokenKeeper keeper_with_token() {
  TokenKeeper keeper{true};
  EXPECT_TRUE(keeper.granted(kNow, kAnswer).has_value());
  return keeper;
}

TEST(TokenKeeper, NeedsNothingOnAnOpenPath) {
  const TokenKeeper keeper{false};
  EXPECT_TRUE(keeper.is_usable());
  EXPECT_FALSE(keeper.due());
}

TEST(TokenKeeper, EscapesWhatItSends) {
  EXPECT_EQ(TokenKeeper{true}.request(kSource).body, R"({"stream":"a\"b","subject":"v","group":"g"})");
}

TEST(TokenKeeper, RefreshesAtFourFifthsOfTheLifetime) {
  const TokenKeeper keeper = keeper_with_token();
  EXPECT_TRUE(keeper.is_usable());
  EXPECT_EQ(keeper.due(), kNow + 80s);
  EXPECT_EQ(keeper.request(kSource).body, R"({"refresh_token":"r1"})");
  EXPECT_EQ(keeper.request(kSource).kind, RequestKind::kTokenRefresh);
}

TEST(TokenKeeper, HoldsEverythingUntilARefusedTokenIsRenewed) {
  TokenKeeper keeper = keeper_with_token();
  EXPECT_TRUE(keeper.media_refused(kNow + 1s, 401, 1));
  EXPECT_FALSE(keeper.is_usable());
  EXPECT_EQ(keeper.due(), kNow + 1s);
  EXPECT_TRUE(keeper.granted(kNow + 2s, kAnswer)->after_refusal);
  EXPECT_TRUE(keeper.is_usable());
}

TEST(TokenKeeper, AsksForAFreshTokenOnTheSecond401) {
  TokenKeeper keeper = keeper_with_token();
  EXPECT_TRUE(keeper.media_refused(kNow, 401, 2));
  EXPECT_EQ(keeper.request(kSource).kind, RequestKind::kToken);
  EXPECT_FALSE(keeper.media_refused(kNow, 401, 3));
}

TEST(TokenKeeper, TakesTheSecond403AsFinal) {
  TokenKeeper keeper = keeper_with_token();
  EXPECT_TRUE(keeper.media_refused(kNow, 403, 1));
  EXPECT_FALSE(keeper.media_refused(kNow, 403, 2));
}

TEST(TokenKeeper, AsksForAFreshTokenOnceWhenTheRefreshIsRefused) {
  TokenKeeper keeper = keeper_with_token();
  EXPECT_TRUE(keeper.renewal_refused());
  EXPECT_EQ(keeper.request(kSource).url, "http://s/token");
  EXPECT_FALSE(keeper.renewal_refused());
}

TEST(TokenKeeper, RefusesAnswersItCannotUse) {
  for (const char* body : {"", "null", "[]", "{}", "{\"access_token\":7}", "{\"access_token\":\"\"}", R"({"access_token":"a\r\nX: y"})"}) {
    TokenKeeper keeper{true};
    EXPECT_FALSE(keeper.granted(kNow, body).has_value()) << body;
    EXPECT_FALSE(keeper.is_usable());
  }
}

TEST(TokenKeeper, KeepsATokenWithoutALifetimeForEver) {
  TokenKeeper keeper{true};
  EXPECT_TRUE(keeper.granted(kNow, R"({"access_token":"abc","expires_in":-5})").has_value());
  EXPECT_FALSE(keeper.due());
}

}  // namespace
}  // namespace harness

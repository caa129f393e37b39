#include "server/access/accounts.h"

#include <gtest/gtest.h>

#include "server/access/token_authority.h"

namespace server {
namespace {

constexpr base::UtcTime kNow{std::chrono::seconds{1'800'000'000}};
const std::string kSecret(32, 's');

const Accounts kAccounts{{{"ann", "sesame", {"main"}}, {"bob", "open", {"*"}}}, kSecret};

TEST(Accounts, GiveASessionForTheRightPasswordOnly) {
  EXPECT_EQ(kAccounts.owner_of(kAccounts.sign_in("ann", "sesame", kNow).value(), kNow)->user, "ann");
  for (const auto& [user, password] : {std::pair{"ann", "open"}, {"ann", ""}, {"ann", "sesame "}, {"eve", "sesame"}, {"", ""}, {"eve", "nobody's"}})
    EXPECT_FALSE(kAccounts.sign_in(user, password, kNow)) << user;
  EXPECT_FALSE(Accounts{}.sign_in("", "", kNow));
}

TEST(Accounts, ASessionEndsAfterTwelveHours) {
  const std::string session = kAccounts.sign_in("ann", "sesame", kNow).value();
  EXPECT_NE(kAccounts.owner_of(session, kNow + Accounts::kSessionLifetime - std::chrono::seconds{1}), nullptr);
  EXPECT_EQ(kAccounts.owner_of(session, kNow + Accounts::kSessionLifetime), nullptr);
}

TEST(Accounts, SessionsAndAccessTokensAreNotEachOther) {
  TokenAuthority tokens{{.secret = kSecret}};
  const std::string session = kAccounts.sign_in("ann", "sesame", kNow).value();
  EXPECT_EQ(tokens.check(session, "", AccessPolicy::kToken, kNow).reason, "bad-signature");
  EXPECT_EQ(kAccounts.owner_of(tokens.issue({.stream = "main", .subject = "ann"}, kNow).access_token, kNow), nullptr);
  EXPECT_EQ((Accounts{{{"ann", "sesame", {}}}, std::string(32, 'x')}.owner_of(session, kNow)), nullptr);
}

TEST(Accounts, SeeTheStreamsTheyList) {
  EXPECT_TRUE(may_see({"ann", "", {"main", "other"}}, "other"));
  EXPECT_FALSE(may_see({"ann", "", {"main"}}, "other"));
  EXPECT_TRUE(may_see({"bob", "", {"*"}}, "other"));
  EXPECT_FALSE(may_see({"eve", "", {}}, "main"));
}

}  // namespace
}  // namespace server

#include "server/access/accounts.h"

#include <gtest/gtest.h>

#include "server/access/token_authority.h"

namespace server {
namespace {

constexpr base::UtcTime kToday{std::chrono::seconds{1'800'000'000}};
const std::string kAccountsSecret(32, 's');

const Accounts kAccounts{{{"ann", "sesame", {"main"}}, {"bob", "open", {"*"}}}, kAccountsSecret};

TEST(Accounts, GiveASessionForTheRightPasswordOnly) {
  EXPECT_EQ(kAccounts.owner_of(kAccounts.sign_in("ann", "sesame", kToday).value(), kToday)->user, "ann");
  for (const auto& [user, password] :
       {std::pair{"ann", "open"}, {"ann", ""}, {"ann", "sesame "}, {"eve", "sesame"}, {"", ""}, {"eve", "nobody's"}})
    EXPECT_FALSE(kAccounts.sign_in(user, password, kToday)) << user;
  EXPECT_FALSE(Accounts{}.sign_in("", "", kToday));
}

TEST(Accounts, ASessionEndsAfterTwelveHours) {
  const std::string session = kAccounts.sign_in("ann", "sesame", kToday).value();
  EXPECT_NE(kAccounts.owner_of(session, kToday + Accounts::kSessionLifetime - std::chrono::seconds{1}), nullptr);
  EXPECT_EQ(kAccounts.owner_of(session, kToday + Accounts::kSessionLifetime), nullptr);
}

TEST(Accounts, EndTheSessionsOfOneUserThatWereBegunBefore) {
  Accounts accounts{{{"ann", "sesame", {}}, {"bob", "open", {}}}, kAccountsSecret};
  const std::string ann = accounts.sign_in("ann", "sesame", kToday).value(), bob = accounts.sign_in("bob", "open", kToday).value();
  const base::UtcTime later = kToday + std::chrono::milliseconds{1};
  accounts.end_sessions("ann", later);
  accounts.end_sessions("eve", later);
  EXPECT_EQ(accounts.owner_of(ann, later), nullptr);
  EXPECT_NE(accounts.owner_of(bob, later), nullptr);
  EXPECT_NE(accounts.owner_of(accounts.sign_in("ann", "sesame", later).value(), later), nullptr);
}

TEST(Accounts, SessionsAndAccessTokensAreNotEachOther) {
  TokenAuthority tokens{{.secret = kAccountsSecret}};
  const std::string session = kAccounts.sign_in("ann", "sesame", kToday).value();
  EXPECT_EQ(tokens.check(session, "", AccessPolicy::kToken, kToday).reason, "bad-signature");
  EXPECT_EQ(kAccounts.owner_of(tokens.issue({.stream = "main", .subject = "ann"}, kToday).access_token, kToday), nullptr);
  EXPECT_EQ((Accounts{{{"ann", "sesame", {}}}, std::string(32, 'x')}.owner_of(session, kToday)), nullptr);
}

TEST(Accounts, SeeTheStreamsTheyList) {
  EXPECT_TRUE(may_see({"ann", "", {"main", "other"}}, "other"));
  EXPECT_FALSE(may_see({"ann", "", {"main"}}, "other"));
  EXPECT_TRUE(may_see({"bob", "", {"*"}}, "other"));
  EXPECT_FALSE(may_see({"eve", "", {}}, "main"));
}

}  // namespace
}  // namespace server

#include "server/access/token_authority.h"

#include <gtest/gtest.h>

#include "server/access/base64url.h"
#include "server/access/hmac.h"
#include "server/access/jwt.h"

namespace server {
namespace {

using namespace std::chrono_literals;

constexpr base::UtcTime kNow{std::chrono::seconds{1'800'000'000}};
const std::string kSecret(32, 's');

class TokenAuthorityTest : public testing::Test {
 protected:
  Grant issue(const std::string& stream = "main", const std::string& subject = "ann", const std::string& group = "trial") {
    return authority.issue({.stream = stream, .subject = subject, .group = group}, kNow);
  }
  // "200", "401 expired", …
  std::string verdict(std::string_view token, base::UtcTime now = kNow, std::string_view stream = "main") {
    const AccessDecision d = authority.check(token, stream, AccessPolicy::kToken, now);
    return std::to_string(d.status) + (d.reason.empty() ? "" : " " + d.reason);
  }
  TokenAuthority authority{{.secret = kSecret, .lifetime = 60s, .refresh_lifetime = 1h, .most_sessions = 4}};
};

std::string signed_token(const std::string& header, const std::string& payload) {
  const std::string text = to_base64url(header) + '.' + to_base64url(payload);
  return text + '.' + to_base64url(hmac_sha256(kSecret, text));
}
const std::string kHeader = R"({"alg":"HS256","typ":"JWT"})";
const std::string kPayload =
    R"({"iss":"rehearsal","sub":"a","aud":"main","exp":1800000060,"nbf":1800000000,"iat":1800000000,"sid":"s","epoch":1800000000000000})";

TEST_F(TokenAuthorityTest, AllowsAFreshToken) {
  const Grant grant = issue();
  const AccessDecision decision = authority.check(grant.access_token, "main", AccessPolicy::kToken, kNow);
  EXPECT_EQ(decision.status, 200);
  EXPECT_EQ(decision.session, grant.session);
  EXPECT_EQ(decision.subject, "ann");
  EXPECT_EQ(decision.remaining, 60s);
}

TEST_F(TokenAuthorityTest, RefusesAMissingTokenOnlyWhereOneIsNeeded) {
  EXPECT_EQ(authority.check(std::nullopt, "main", AccessPolicy::kToken, kNow).reason, "missing");
  EXPECT_EQ(authority.check(std::nullopt, "main", AccessPolicy::kOpen, kNow).status, 200);
}

TEST_F(TokenAuthorityTest, ChecksAPresentedTokenOnAnOpenStream) {
  EXPECT_EQ(authority.check("junk", "main", AccessPolicy::kOpen, kNow).status, 401);
}

TEST_F(TokenAuthorityTest, ExpiresAtTheEndOfTheLifetime) {
  const Grant grant = issue();
  EXPECT_EQ(verdict(grant.access_token, kNow + 59s), "200");
  EXPECT_EQ(verdict(grant.access_token, kNow + 60s), "401 expired");
}

TEST_F(TokenAuthorityTest, HonoursAFractionOfASecond) {
  const Grant grant = authority.issue({.stream = "main", .subject = "a", .lifetime = 1500ms}, kNow);
  EXPECT_EQ(verdict(grant.access_token, kNow + 1499ms), "200");
  EXPECT_EQ(verdict(grant.access_token, kNow + 1500ms), "401 expired");
}

TEST_F(TokenAuthorityTest, RefusesATokenForAnotherStream) { EXPECT_EQ(verdict(issue("other").access_token), "403 other-stream"); }

TEST_F(TokenAuthorityTest, RefusesATokenFromTheFuture) { EXPECT_EQ(verdict(issue().access_token, kNow - 10s), "401 not-yet-valid"); }

TEST_F(TokenAuthorityTest, RevokesTheWholeGroup) {
  const Grant hit = issue("main", "ann", "trial"), spared = issue("main", "bob", "paid");
  ASSERT_EQ(verdict(hit.access_token), "200");  // and is cached
  EXPECT_EQ(authority.revoke({.group = "trial"}, kNow), 1u);
  EXPECT_EQ(verdict(hit.access_token), "403 revoked");
  EXPECT_EQ(verdict(spared.access_token), "200");
  EXPECT_EQ(authority.refresh(hit.refresh_token, kNow).error().message, "revoked");
}

TEST_F(TokenAuthorityTest, LetsASubjectInAgainAfterARevocation) {
  issue();
  authority.revoke({.subject = "ann"}, kNow);
  EXPECT_EQ(verdict(issue().access_token), "200");
}

TEST_F(TokenAuthorityTest, NarrowsASelectionByEveryFieldThatIsSet) {
  const Grant main = issue("main", "ann"), other = issue("other", "ann");
  EXPECT_EQ(authority.revoke({.subject = "ann", .stream = "other"}, kNow), 1u);
  EXPECT_EQ(verdict(main.access_token), "200");
  EXPECT_EQ(verdict(other.access_token, kNow, "other"), "403 revoked");
}

TEST_F(TokenAuthorityTest, ExpireInvalidatesAtOnceUntilARefresh) {
  const Grant old = issue();
  ASSERT_EQ(verdict(old.access_token), "200");
  EXPECT_EQ(authority.expire({.stream = "main"}, kNow), 1u);
  EXPECT_EQ(verdict(old.access_token), "401 expired");
  const auto renewed = authority.refresh(old.refresh_token, kNow);
  ASSERT_TRUE(renewed.has_value());
  EXPECT_EQ(verdict(renewed->access_token), "200");
}

TEST_F(TokenAuthorityTest, KeepsTheSessionOverARefresh) {
  const Grant old = issue();
  const auto renewed = authority.refresh(old.refresh_token, kNow + 50s);
  EXPECT_EQ(renewed->session, old.session);
  EXPECT_EQ(verdict(old.access_token, kNow + 50s), "200");  // both are good until the old one expires
}

TEST_F(TokenAuthorityTest, WithdrawsTheSessionWhenARefreshTokenIsUsedTwice) {
  const Grant first = issue();
  const auto second = authority.refresh(first.refresh_token, kNow);
  EXPECT_EQ(authority.refresh(first.refresh_token, kNow).error().message, "reused");
  EXPECT_EQ(verdict(second->access_token), "403 revoked");
  EXPECT_EQ(authority.refresh(second->refresh_token, kNow).error().message, "revoked");
}

TEST_F(TokenAuthorityTest, RefusesRefreshTokensThatItDidNotWrite) {
  std::string forged = issue().refresh_token;
  forged[30] = forged[30] == 'A' ? 'B' : 'A';
  EXPECT_EQ(authority.refresh(forged, kNow).error().message, "unknown");
  EXPECT_EQ(authority.refresh("", kNow).error().message, "unknown");
}

TEST_F(TokenAuthorityTest, RefusesAnExpiredRefreshToken) {
  EXPECT_EQ(authority.refresh(issue().refresh_token, kNow + 1h).error().message, "expired");
}

TEST_F(TokenAuthorityTest, ForgetsTheOldestSessionWhenFull) {
  const Grant oldest = issue();
  for (int i = 0; i < 4; ++i) issue();
  EXPECT_EQ(authority.refresh(oldest.refresh_token, kNow).error().message, "unknown");
  EXPECT_EQ(verdict(oldest.access_token), "200");
}

TEST_F(TokenAuthorityTest, AcceptsATokenOfAnotherInstanceWithTheSecret) {
  TokenAuthority restarted{{.secret = kSecret}};
  EXPECT_EQ(restarted.check(issue().access_token, "main", AccessPolicy::kToken, kNow).status, 200);
}

TEST_F(TokenAuthorityTest, CutsATokenIssuedBeforeARestart) {
  const Grant grant = issue();
  TokenAuthority restarted{{.secret = kSecret}};
  restarted.expire({.stream = "main"}, kNow + 1s);
  EXPECT_EQ(restarted.check(grant.access_token, "main", AccessPolicy::kToken, kNow + 1s).reason, "expired");
}

TEST_F(TokenAuthorityTest, RefusesEverySingleChangedCharacter) {
  const std::string token = issue().access_token;
  for (std::size_t i = 0; i < token.size(); ++i) {
    std::string changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_EQ(verdict(changed).substr(0, 3), "401") << i;
  }
}

struct BadToken {
  const char* why;
  std::string token;
  std::string verdict;
};

TEST_F(TokenAuthorityTest, RefusesTokensThatOnlyLookRight) {
  const std::string good = signed_token(kHeader, kPayload);
  ASSERT_EQ(verdict(good), "200");
  const std::string unsigned_part = to_base64url(R"({"alg":"none"})") + '.' + to_base64url(kPayload) + '.';
  const BadToken rows[] = {
      {"empty", "", "401 malformed"},
      {"two parts", "a.b", "401 malformed"},
      {"four parts", good + ".x", "401 malformed"},
      {"alg none", unsigned_part, "401 malformed"},
      {"alg none with a real signature", signed_token(R"({"alg":"none"})", kPayload), "401 malformed"},
      {"another algorithm", signed_token(R"({"alg":"HS512"})", kPayload), "401 malformed"},
      {"alg in another case", signed_token(R"({"alg":"hs256"})", kPayload), "401 malformed"},
      {"critical extension", signed_token(R"({"alg":"HS256","crit":["x"]})", kPayload), "401 malformed"},
      {"padding", good + "=", "401 malformed"},
      {"signature of another key", good.substr(0, good.size() - 43) + std::string(43, 'A'), "401 bad-signature"},
      {"no expiry", signed_token(kHeader, R"({"iss":"rehearsal","sub":"a","aud":"main"})"), "401 malformed"},
      {"another issuer", signed_token(kHeader, R"({"iss":"x"})"), "401 malformed"},
      {"payload is no object", signed_token(kHeader, "[]"), "401 malformed"},
      {"payload is no JSON", signed_token(kHeader, "{"), "401 malformed"},
      {"nested too deep", signed_token(kHeader, std::string(2000, '[')), "401 malformed"},
      {"too long", std::string(5000, 'a'), "401 malformed"},
  };
  for (const BadToken& row : rows) EXPECT_EQ(verdict(row.token), row.verdict) << row.why;
}

TEST_F(TokenAuthorityTest, RevokesEverySubjectOfAnAccount) {
  const Grant phone = issue("main", "ann/phone"), other = issue("main", "anna");
  EXPECT_EQ(authority.revoke({.subject = "ann"}, kNow), 1u);
  EXPECT_EQ(verdict(phone.access_token), "403 revoked");
  EXPECT_EQ(authority.refresh(phone.refresh_token, kNow).error().message, "revoked");
  EXPECT_EQ(verdict(other.access_token), "200");
}

TEST_F(TokenAuthorityTest, RefusesTheSecondSpellingOfASignature) {
  // The last character of 32 bytes in base64url carries two unused bits.
  std::string token = issue().access_token;
  const std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  token.back() = alphabet[alphabet.find(token.back()) ^ 1];
  EXPECT_EQ(verdict(token), "401 malformed");
}

}  // namespace
}  // namespace server

#include "harness/transport/curl_outcome.h"

#include <gtest/gtest.h>

#include <cerrno>

#include "harness/transport/curl_handles.h"

namespace harness {
namespace {

TEST(CurlOutcome, NamesFailuresAsThePlayersKnowThem) {
  const std::pair<CURLcode, const char*> rows[] = {
      {CURLE_OK, ""},
      {CURLE_COULDNT_RESOLVE_HOST, "resolve"},
      {CURLE_COULDNT_CONNECT, "refused"},
      {CURLE_SSL_CONNECT_ERROR, "refused"},
      {CURLE_PEER_FAILED_VERIFICATION, "certificate"},
      {CURLE_OPERATION_TIMEDOUT, "timeout"},
      {CURLE_PARTIAL_FILE, "reset"},     // the peer closed in the middle of a body
      {CURLE_RECV_ERROR, "reset"},       // the peer reset
      {CURLE_GOT_NOTHING, "reset"},      // the peer closed without an answer
      {CURLE_WRITE_ERROR, "too-large"},  // a kept body beyond its limit
      {CURLE_TOO_MANY_REDIRECTS, "redirects"},
      {CURLE_WEIRD_SERVER_REPLY, "malformed"},
      {CURLE_URL_MALFORMAT, "malformed"},
  };
  for (const auto& [code, word] : rows) EXPECT_STREQ(failure_of(code), word) << curl_easy_strerror(code);
}

TEST(CurlOutcome, ReadsRetryAfterHoweverLong) {
  using namespace std::chrono_literals;
  struct Row {
    const char* header;
    std::int64_t seconds;  // as libcurl reports it
    std::optional<base::Duration> pause;
  };
  for (const Row& each : {Row{"7", 7, 7s},
                          {"0", 0, 0s},
                          {"000", 0, 0s},
                          {"9999999999", 9'999'999'999, 24h},
                          {"9223372036854775807", INT64_MAX, 24h},
                          {"99999999999999999999", 0, 24h},  // beyond what it can count
                          {"Fri, 31 Dec 9999 23:59:59 GMT", 251'606'000'000, 24h},
                          {"Thu, 01 Jan 1970 00:00:00 GMT", -1'800'000'000, std::nullopt},
                          {"-5", 0, std::nullopt},
                          {"soon", 0, std::nullopt},
                          {"", 0, std::nullopt}})
    EXPECT_EQ(retry_after_of(each.header, each.seconds), each.pause) << each.header;
}

TEST(CurlOutcome, TakesADateThatNoClockShowsForNone) {
  EXPECT_EQ(date_of("Sun, 06 Nov 1994 08:49:37 GMT"), base::UtcTime{std::chrono::seconds{784'111'777}});
  for (const char* text : {"Fri, 31 Dec 9999 23:59:59 GMT", "Mon, 01 Jan 2300 00:00:00 GMT", "today", ""})
    EXPECT_EQ(date_of(text), std::nullopt) << text;
}

class OwnFault : public testing::Test {
 protected:
  CurlGlobal global_;
  CurlEasy easy_ = owned<CurlEasy>(curl_easy_init(), "test");
};

TEST_F(OwnFault, IsNotARefusedConnection) { EXPECT_FALSE(own_fault(easy_.get(), CURLE_COULDNT_CONNECT, 0).has_value()); }

TEST_F(OwnFault, IsADescriptorLimitThatIsTooLow) {
  const auto fault = own_fault(easy_.get(), CURLE_COULDNT_CONNECT, EMFILE);
  ASSERT_TRUE(fault.has_value());
  EXPECT_NE(fault->find("RLIMIT_NOFILE"), std::string::npos) << *fault;
}

TEST_F(OwnFault, IsAFileOfCertificatesThatIsNotThere) {
  const auto fault = own_fault(easy_.get(), CURLE_SSL_CACERT_BADFILE, 0);
  ASSERT_TRUE(fault.has_value());
  EXPECT_NE(fault->find("SSL_CERT_FILE"), std::string::npos) << *fault;
}

TEST_F(OwnFault, IsASourceAddressOfAnotherMachine) { EXPECT_TRUE(own_fault(easy_.get(), CURLE_INTERFACE_FAILED, 0).has_value()); }

}  // namespace
}  // namespace harness

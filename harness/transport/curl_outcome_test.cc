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
      {CURLE_PEER_FAILED_VERIFICATION, "refused"},
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

TEST_F(OwnFault, IsASourceAddressOfAnotherMachine) { EXPECT_TRUE(own_fault(easy_.get(), CURLE_INTERFACE_FAILED, 0).has_value()); }

}  // namespace
}  // namespace harness

#include "harness/transport/failure_words.h"

#include <gtest/gtest.h>

namespace harness {
namespace {

TEST(FailureWords, NameEveryReasonToRefuseACertificate) {
  const std::string reason = reason_of({.failure = "certificate"});
  for (const char* each : {"not trusted", "not for this host", "out of date", "SSL_CERT_FILE"})
    EXPECT_NE(reason.find(each), std::string::npos) << reason;
}

TEST(FailureWords, NameTheStatusOfAnAnswer) { EXPECT_EQ(reason_of({.status = 404}), "HTTP status 404"); }

}  // namespace
}  // namespace harness

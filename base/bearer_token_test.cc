#include "base/bearer_token.h"

#include <gtest/gtest.h>

namespace base {
namespace {

TEST(BearerToken, IsReadInAnyCase) {
  EXPECT_EQ(bearer_token("Bearer abc"), "abc");
  EXPECT_EQ(bearer_token("bearer  abc "), "abc");
  EXPECT_EQ(bearer_token("Bearer "), "");
}

TEST(BearerToken, IsOfItsSchemeOnly) {
  EXPECT_EQ(bearer_token("Basic abc"), std::nullopt);
  EXPECT_EQ(bearer_token("Bearerabc"), std::nullopt);
  EXPECT_EQ(bearer_token(""), std::nullopt);
}

}  // namespace
}  // namespace base

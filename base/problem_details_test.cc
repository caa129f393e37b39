#include "base/problem_details.h"

#include <gtest/gtest.h>

namespace base {
namespace {

TEST(ProblemDetails, HaveTheMembersOfTheStandard) {
  const Json problem = problem_details(404, "stream", "No stream \"x\"");
  EXPECT_EQ(problem["title"], "Not Found");
  EXPECT_EQ(problem["status"], 404);
  EXPECT_EQ(problem["reason"], "stream");
  EXPECT_EQ(problem["detail"], "No stream \"x\"");
  EXPECT_EQ(problem["type"], "about:blank");
}

TEST(ProblemDetails, NameAnUnknownStatusAnError) { EXPECT_STREQ(reason_phrase(599), "Error"); }

}  // namespace
}  // namespace base

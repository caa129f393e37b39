#include "harness/engine/retry_policy.h"

#include <gtest/gtest.h>

namespace harness {
namespace {

using namespace base::literals;
using What = Remedy::What;

struct Case {
  FailedRequest request;
  What what;
  base::Duration after;
  const char* why;
};

TEST(RetryPolicy, HasARemedyForEachFailure) {
  const Case cases[] = {
      {{.kind = RequestKind::kVideo, .status = 404, .failures = 1, .live = true}, What::kRetry, 1s, "it may come late"},
      {{.kind = RequestKind::kVideo, .status = 404, .failures = 3, .live = true}, What::kRetry, 1s, "third retry"},
      {{.kind = RequestKind::kVideo, .status = 404, .failures = 4, .live = true}, What::kSkip, 0s, "live goes on"},
      {{.kind = RequestKind::kAudio, .status = 410, .failures = 4, .live = false}, What::kFail, 0s, "a film does not"},
      {{.kind = RequestKind::kInit, .status = 404, .failures = 4, .live = true}, What::kFail, 0s, "nothing plays without it"},
      {{.kind = RequestKind::kManifest, .status = 400, .failures = 4, .live = true}, What::kFail, 0s, "the request is wrong"},
      {{.kind = RequestKind::kManifest, .status = 503, .failures = 1}, What::kRetry, 500ms, "first pause"},
      {{.kind = RequestKind::kVideo, .status = 0, .failures = 2}, What::kRetry, 1s, "no answer"},
      {{.kind = RequestKind::kVideo, .status = 429, .failures = 3}, What::kRetry, 2s, "asked to slow down"},
      {{.kind = RequestKind::kVideo, .status = 500, .failures = 40}, What::kRetry, 4s, "longest pause"},
      {{.kind = RequestKind::kManifest, .status = 200, .failures = 1}, What::kRetry, 500ms, "an answer that makes no sense"},
      {{.kind = RequestKind::kVideo, .status = 503, .failures = 1, .live = true, .retry_after = 3s}, What::kRetry, 3s, "Retry-After"},
      {{.kind = RequestKind::kVideo, .status = 503, .failures = 1, .live = true, .retry_after = 600s}, What::kRetry, 5s, "capped"},
      {{.kind = RequestKind::kVideo, .status = 503, .failures = 1, .live = true, .retry_after = 0s}, What::kRetry, 100ms, "never at once"},
  };
  for (const Case& each : cases) {
    const Remedy remedy = remedy_for(each.request);
    EXPECT_EQ(remedy.what, each.what) << each.why;
    EXPECT_EQ(remedy.after, each.after) << each.why;
  }
}

TEST(RetryPolicy, TriesOtherPlacesFirst) {
  const Remedy remedy = remedy_for({.kind = RequestKind::kVideo, .status = 404, .failures = 4, .elsewhere = 1});
  EXPECT_EQ(remedy.what, What::kRetry);
  EXPECT_EQ(remedy.after, base::Duration{});
  EXPECT_TRUE(remedy.elsewhere);
}

}  // namespace
}  // namespace harness

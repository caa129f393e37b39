#include "harness/engine/retry_policy.h"

#include <algorithm>

namespace harness {
namespace {

using namespace std::chrono_literals;

constexpr int kTriesOfTheMissing = 4;
constexpr base::Duration kLongestRetryAfter = 5s;

bool is_segment(RequestKind kind) { return kind == RequestKind::kVideo || kind == RequestKind::kAudio; }
bool may_pass(int status) { return status == 0 || status == 408 || status == 429 || status >= 500 || status < 300; }

base::Duration back_off(int failures) { return 500ms * (1 << std::clamp(failures - 1, 0, 3)); }

}  // namespace

Remedy remedy_for(const FailedRequest& request) {
  using What = Remedy::What;
  if (request.elsewhere > 0) return {.what = What::kRetry, .after = {}, .elsewhere = true};
  if (may_pass(request.status)) {
    const base::Duration asked = request.retry_after.value_or(back_off(request.failures));
    return {What::kRetry, std::clamp<base::Duration>(asked, 100ms, kLongestRetryAfter), false};
  }
  if (request.failures < kTriesOfTheMissing) return {What::kRetry, 1s, false};
  return {is_segment(request.kind) && request.live ? What::kSkip : What::kFail, {}, false};
}

}  // namespace harness

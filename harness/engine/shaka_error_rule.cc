#include "harness/engine/shaka_error_rule.h"

#include <algorithm>

namespace harness::shaka {
namespace {

using namespace std::chrono_literals;

constexpr int kAttempts = 2;               // maxAttempts, backoff.js
constexpr base::Duration kBaseDelay = 1s;  // baseDelay, backoff.js; the fuzz (fuzzFactor 0.5) is left at its middle

// 401 and 403 are final at once (isRetryable, networking_engine.js); a session deals with those itself.
bool may_try_again(const FailedRequest& request) { return request.failures % kAttempts != 0; }

// failureCallbackBackoff_: streaming_engine.js, 1 s before the first error of a row is dealt with, then 2 s, 4 s, 8 s.
base::Duration backoff(int failures) { return kBaseDelay * (1 << std::clamp(failures / kAttempts - 1, 0, 3)); }

}  // namespace

Verdict verdict(const FailedRequest& request, bool has_other) {
  using What = Remedy::What;
  if (may_try_again(request)) return {.remedy = {.what = What::kRetry, .after = kBaseDelay}};
  const bool media = request.kind == RequestKind::kInit || request.kind == RequestKind::kVideo || request.kind == RequestKind::kAudio;
  if (request.kind == RequestKind::kManifest && !request.live) return {.remedy = {.what = What::kFail}};
  if (media && has_other && !request.timed_out)
    return {.remedy = {.what = What::kRetry, .after = backoff(request.failures)}, .disables_stream = true};
  // streaming failure: a live stream goes on after the back-off (defaultStreamingFailureCallback_, player.js), VOD ends.
  if (request.live) return {.remedy = {.what = What::kRetry, .after = backoff(request.failures)}};
  return {.remedy = {.what = What::kFail}};
}

}  // namespace harness::shaka

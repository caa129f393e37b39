#include "harness/engine/shaka_error_rule.h"

namespace harness::shaka {
namespace {

using namespace std::chrono_literals;

constexpr int kAttempts = 2;               // maxAttempts, backoff.js
constexpr base::Duration kBaseDelay = 1s;  // baseDelay, backoff.js; the fuzz (fuzzFactor 0.5) is left at its middle

// 401 and 403 are final at once (makeResponse, http_plugin_utils.js); a session deals with those itself.
bool may_try_again(const FailedRequest& request) { return request.failures % kAttempts != 0; }

// failureCallbackBackoff_, streaming_engine.js: resets itself after every two, so it stays at the first delay.
constexpr base::Duration kBeforeDealing = 1s;
constexpr base::Duration kLiveRetry = 100ms;  // defaultStreamingFailureCallback_, player.js, with streaming.lowLatencyMode

}  // namespace

Verdict verdict(const FailedRequest& request, bool has_other) {
  using What = Remedy::What;
  if (may_try_again(request)) return {.remedy = {.what = What::kRetry, .after = kBaseDelay}};
  const bool media = request.kind == RequestKind::kInit || request.kind == RequestKind::kVideo || request.kind == RequestKind::kAudio;
  if (request.kind == RequestKind::kManifest && !request.live) return {.remedy = {.what = What::kFail}};
  if (media && has_other && !request.timed_out) return {.remedy = {.what = What::kRetry, .after = kBeforeDealing}, .disables_stream = true};
  // A live stream goes on, any other ends.
  if (request.live) return {.remedy = {.what = What::kRetry, .after = kBeforeDealing + kLiveRetry}};
  return {.remedy = {.what = What::kFail}};
}

}  // namespace harness::shaka

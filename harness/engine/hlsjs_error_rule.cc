#include "harness/engine/hlsjs_error_rule.h"

#include <algorithm>
#include <numeric>

namespace harness::hlsjs {
namespace {

using namespace std::chrono_literals;
using What = Remedy::What;

struct Policy {  // config.ts: errorRetry and timeoutRetry
  int retries;
  base::Duration first, longest;
};
constexpr Policy kManifestErrors{1, 1s, 8s}, kManifestTimeouts{2, 0s, 0s};  // manifestLoadPolicy
constexpr Policy kPlaylistErrors{2, 1s, 8s}, kPlaylistTimeouts{2, 0s, 0s};  // playlistLoadPolicy
constexpr Policy kSegmentErrors{6, 1s, 8s}, kSegmentTimeouts{4, 0s, 0s};    // fragLoadPolicy

base::Duration back_off(const Policy& policy, int count) {
  return std::min<base::Duration>(policy.first * (1 << std::clamp(count, 0, 10)), policy.longest);
}

// No answer counts like 4xx: the browser hides why, and it may be that the server forbids it (CORS).
bool may_pass(const FailedRequest& request) {
  return request.timed_out || (request.status != 0 && (request.status < 400 || request.status > 499));
}

// The next level down that is without errors, from the top again after the lowest. Audio is the same at all levels.
bool go_elsewhere(const FailedRequest& request, std::span<Level> levels, Failures& failures, std::size_t failed) {
  if (failed < levels.size()) ++levels[failed].load_errors;
  if (request.track == TrackKind::kAudio) return false;
  for (std::size_t i = levels.size(); i-- > 0;) {
    const std::size_t candidate = (i + failures.load_level) % levels.size();
    if (candidate == failures.load_level || levels[candidate].load_errors > 0) continue;
    failures.forced_level = candidate;
    failures.playlist = 0;
    return true;
  }
  return false;
}

Remedy again(const Policy& policy, int count) {
  if (count >= policy.retries) return {What::kFail, {}};
  return {What::kRetry, back_off(policy, count)};
}

Remedy manifest_remedy(const FailedRequest& request) {
  if (!may_pass(request)) return {What::kFail, {}};
  return again(request.timed_out ? kManifestTimeouts : kManifestErrors, request.failures - 1);
}

Remedy playlist_remedy(const FailedRequest& request, std::span<Level> levels, Failures& failures) {
  const Policy& policy = request.timed_out ? kPlaylistTimeouts : kPlaylistErrors;
  const int count = failures.playlist++;
  if (request.track == TrackKind::kVideo && may_pass(request) && count < policy.retries) return again(policy, count);
  if (go_elsewhere(request, levels, failures, failures.load_level)) return {What::kRetry, {}};
  return again(policy, count);
}

Remedy segment_remedy(const FailedRequest& request, std::span<Level> levels, Failures& failures) {
  const Policy& policy = request.timed_out ? kSegmentTimeouts : kSegmentErrors;
  const auto add = [](int sum, const Level& level) { return sum + level.segment_errors; };
  const int count = std::accumulate(levels.begin(), levels.end(), 0, add);
  const std::size_t failed = request.track == TrackKind::kVideo ? request.rendition : failures.load_level;
  if (failed < levels.size()) ++levels[failed].segment_errors;
  if (may_pass(request) && count < policy.retries) return again(policy, count);
  if (go_elsewhere(request, levels, failures, failed)) return {What::kRetry, {}};
  const bool segment = request.kind == RequestKind::kVideo || request.kind == RequestKind::kAudio;
  if (request.live && segment) return {What::kSkip, {}};
  return again(policy, count);
}

}  // namespace

Remedy remedy(const FailedRequest& request, std::span<Level> levels, Failures& failures) {
  switch (request.kind) {
    case RequestKind::kPlaylist:
      return playlist_remedy(request, levels, failures);
    case RequestKind::kInit:
    case RequestKind::kVideo:
    case RequestKind::kAudio:
      return segment_remedy(request, levels, failures);
    case RequestKind::kManifest:
      return manifest_remedy(request);
    case RequestKind::kPage:
    case RequestKind::kLogin:
    case RequestKind::kEntitlements:
    case RequestKind::kToken:
    case RequestKind::kTokenRefresh:
    case RequestKind::kClock:
      break;
  }
  return remedy_for(request);  // hls.js knows neither pages nor tokens
}

}  // namespace harness::hlsjs

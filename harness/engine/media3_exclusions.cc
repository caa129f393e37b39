#include "harness/engine/media3_exclusions.h"

#include <algorithm>
#include <utility>

#include "harness/engine/ladder_change.h"

namespace harness {
namespace {

using namespace base::literals;

constexpr base::Duration kExcludedFor = 60s;  // DEFAULT_TRACK_EXCLUSION_MS
constexpr int kRetries = 3;                   // DEFAULT_MIN_LOADABLE_RETRY_COUNT
constexpr base::Duration kLongestPause = 5s;  // getRetryDelayMsFor

bool calls_for_another(int status) {
  return status == 403 || status == 404 || status == 410 || status == 416 || status == 500 || status == 503;
}

bool is_of_video(RequestKind kind, TrackKind track) {
  return track == TrackKind::kVideo && (kind == RequestKind::kPlaylist || kind == RequestKind::kInit || kind == RequestKind::kVideo);
}

}  // namespace

bool Media3Exclusions::exclude(std::size_t rendition, std::size_t renditions, base::Instant now) {
  until_.resize(std::max(until_.size(), renditions));
  std::size_t others = 0;
  for (std::size_t i = 0; i < renditions; ++i) others += i != rendition && !is_excluded(i, now) ? 1 : 0;
  if (rendition >= renditions || others == 0) return false;
  until_[rendition] = std::max(until_[rendition], now + kExcludedFor);
  return true;
}

void Media3Exclusions::on_ladder(const LadderChange& change) {
  const std::vector<base::Instant> before = std::exchange(until_, {});
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (!change.keeps(i)) continue;
    until_.resize(std::max(until_.size(), change.exact(i) + 1));
    until_[change.exact(i)] = before[i];
  }
}

const Media3Exclusions& Media3Errors::exclusions() const {
  static const Media3Exclusions none;
  return past_ ? past_->exclusions : none;
}

Remedy Media3Errors::remedy(const FailedRequest& request, std::size_t alternatives, base::Instant now) {
  using What = Remedy::What;
  int& forgiven = past_.filled().forgiven[index_of(request.kind)];
  if (request.failures <= forgiven) forgiven = 0;
  const bool another = calls_for_another(request.status) && is_of_video(request.kind, request.track);
  if (another && past_->exclusions.exclude(request.rendition, alternatives, now)) {
    forgiven = request.failures;
    return {What::kRetry, request.kind == RequestKind::kPlaylist ? 1ms : 0ms};  // time for the next choice to replace the playlist
  }
  const int errors = request.failures - forgiven;
  const bool makes_no_sense = request.status >= 200 && request.status < 300;  // ParserException
  if (makes_no_sense || errors > kRetries) return {What::kFail, {}};
  return {What::kRetry, std::min<base::Duration>((errors - 1) * 1s, kLongestPause)};
}

}  // namespace harness

#include "harness/engine/media3_exclusions.h"

#include <gtest/gtest.h>

#include "harness/engine/ladder_change.h"

namespace harness {
namespace {

using namespace base::literals;
using What = Remedy::What;

constexpr base::Instant kFailedAt{100s};

FailedRequest failed_video(int status, int failures, std::size_t rendition = 2) {
  return {.kind = RequestKind::kVideo, .track = TrackKind::kVideo, .rendition = rendition, .status = status, .failures = failures};
}

TEST(Media3Errors, HaveARemedyForEachFailure) {
  const struct {
    FailedRequest request;
    std::size_t alternatives;
    What what;
    base::Duration after;
    const char* why;
  } cases[] = {
      {failed_video(404, 1), 4, What::kRetry, 0s, "another rendition at once"},
      {failed_video(503, 1), 4, What::kRetry, 0s, "the same for an overloaded server"},
      {failed_video(404, 1), 1, What::kRetry, 0s, "the only one again: (1 - 1) s"},
      {failed_video(404, 2), 1, What::kRetry, 1s, "(2 - 1) s"},
      {failed_video(502, 3), 4, What::kRetry, 2s, "502 is no reason to change"},
      {failed_video(0, 3), 4, What::kRetry, 2s, "nor is silence"},
      {failed_video(0, 4), 4, What::kFail, 0s, "three retries"},
      {{.kind = RequestKind::kAudio, .track = TrackKind::kAudio, .status = 404, .failures = 2}, 4, What::kRetry, 1s, "one audio track"},
      {{.kind = RequestKind::kManifest, .status = 500, .failures = 4}, 0, What::kFail, 0s, "nothing to change to"},
      {{.kind = RequestKind::kPlaylist, .status = 200, .failures = 1}, 4, What::kFail, 0s, "it cannot be parsed"},
      {{.kind = RequestKind::kPlaylist, .rendition = 1, .status = 404, .failures = 1}, 4, What::kRetry, 1ms, "another one's playlist"},
  };
  for (const auto& each : cases) {
    Media3Errors errors;
    const Remedy remedy = errors.remedy(each.request, each.alternatives, kFailedAt);
    EXPECT_EQ(remedy.what, each.what) << each.why;
    EXPECT_EQ(remedy.after, each.after) << each.why;
  }
}

TEST(Media3Errors, LeaveARenditionAloneForAMinute) {
  Media3Errors errors;
  errors.remedy(failed_video(404, 1), 4, kFailedAt);
  EXPECT_TRUE(errors.exclusions().is_excluded(2, kFailedAt + 59s));
  EXPECT_FALSE(errors.exclusions().is_excluded(2, kFailedAt + 60s));
  EXPECT_FALSE(errors.exclusions().is_excluded(1, kFailedAt));
}

TEST(Media3Errors, NeverLeaveOutTheLastRendition) {
  Media3Exclusions exclusions;
  EXPECT_TRUE(exclusions.exclude(0, 3, kFailedAt));
  EXPECT_TRUE(exclusions.exclude(1, 3, kFailedAt));
  EXPECT_FALSE(exclusions.exclude(2, 3, kFailedAt));
  EXPECT_TRUE(exclusions.exclude(2, 3, kFailedAt + 60s));
}

TEST(Media3Errors, StartCountingAgainWithAnotherRendition) {
  Media3Errors errors;
  errors.remedy(failed_video(404, 1, 2), 3, kFailedAt);
  errors.remedy(failed_video(404, 2, 1), 3, kFailedAt);
  EXPECT_EQ(errors.remedy(failed_video(404, 3, 0), 3, kFailedAt).after, base::Duration{0s});
  EXPECT_EQ(errors.remedy(failed_video(404, 5, 0), 3, kFailedAt).after, base::Duration{2s});
  EXPECT_EQ(errors.remedy(failed_video(404, 6, 0), 3, kFailedAt).what, What::kFail);
}

TEST(Media3Errors, FollowARenditionThatIsLeftAlone) {
  const std::vector<LadderRung> four{{.peak = 300_kbps}, {.peak = 700_kbps}, {.peak = 1500_kbps}, {.peak = 3_Mbps}};
  Media3Errors errors;
  errors.remedy(failed_video(404, 1), 4, kFailedAt);
  errors.on_ladder(LadderChange{four, {four[1], four[2], four[3]}});
  EXPECT_TRUE(errors.exclusions().is_excluded(1, kFailedAt));
  EXPECT_FALSE(errors.exclusions().is_excluded(2, kFailedAt));
}

}  // namespace
}  // namespace harness

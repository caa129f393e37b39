#include "harness/replay/session_metrics.h"

#include "harness/replay/emulated_buffer.h"
#include "harness/replay/replay_script.h"

namespace harness {
namespace {

using namespace base::literals;

SessionMetrics metrics(std::vector<RequestRecord> requests) {
  return metrics_of({.length = 10s, .startup = 1s, .requests = std::move(requests)}, small_content());
}

TEST(ReplayMetrics, CountsWhatWasFetchedTwiceTwiceAsRequested) {
  EXPECT_DOUBLE_EQ(metrics({video(1, 0, 0s), video(2, 0, 1s), video(1, 2, 2s)}).requested_kbps, 600);
}

TEST(ReplayMetrics, CountsTheLastFetchOfASegmentAsBuffered) {
  EXPECT_DOUBLE_EQ(metrics({video(1, 0, 0s), video(2, 0, 1s), video(1, 2, 2s)}).buffered_kbps, 750);
}

TEST(ReplayMetrics, LeavesUnfinishedRequestsOutOfBitrates) {
  RequestRecord aborted = video(2, 2, 1s), open = video(3, 2, 2s), failed = video(4, 2, 3s);
  aborted.aborted = true;
  open.ended.reset();
  failed.failed = true;
  const SessionMetrics out = metrics({video(1, 0, 0s), aborted, open, failed});
  EXPECT_DOUBLE_EQ(out.requested_kbps, 300);
  EXPECT_DOUBLE_EQ(out.buffered_kbps, 300);
  EXPECT_EQ(out.video_segments, 1);
  EXPECT_EQ(out.aborted, 1);
}

TEST(ReplayMetrics, CountsChangesOfRungBetweenRequestsWhateverBecameOfThem) {
  RequestRecord aborted = video(2, 2, 1s);
  aborted.aborted = true;
  EXPECT_EQ(metrics({video(1, 0, 0s), aborted, video(2, 1, 2s), video(3, 1, 3s)}).switches, 2);
}

TEST(ReplayMetrics, TakesCachedAnswersAsBufferedButNotAsRequested) {
  RequestRecord cached = video(1, 0, 2s);
  cached.cached = true;
  const SessionMetrics out = metrics({video(1, 0, 0s), video(1, 2, 1s), cached});
  EXPECT_DOUBLE_EQ(out.requested_kbps, 750);
  EXPECT_DOUBLE_EQ(out.buffered_kbps, 300);
  EXPECT_EQ(out.switches, 1);
}

TEST(ReplayMetrics, RelatesStallsToTheTimeSinceTheStart) {
  const SessionMetrics out = metrics_of({.length = 11s, .startup = 1s, .stalls = {{3s, 200ms}, {5s, 300ms}}}, small_content());
  EXPECT_EQ(out.stalls, 2);
  EXPECT_EQ(out.stalled, 500ms);
  EXPECT_DOUBLE_EQ(out.stall_ratio, 0.05);
}

TEST(ReplayMetrics, TakesASessionThatNeverPlayedAsOneStall) {
  EXPECT_DOUBLE_EQ(metrics_of({.length = 11s}, small_content()).stall_ratio, 1);
}

TEST(ReplayAgreement, ComparesTheLastFetchesUpToTheLastSegmentThatBothHave) {
  const SessionRecord a{.requests = {video(1, 0, 0s), video(2, 1, 1s), video(1, 2, 2s), video(4, 1, 3s)}};
  const SessionRecord b{.requests = {video(1, 2, 0s), video(2, 0, 1s), video(3, 0, 2s)}};
  const SessionAgreement out = agreement_of(a, b);
  EXPECT_EQ(out.compared_segments, 3) << "1 to 3; the third is not in the first session";
  EXPECT_DOUBLE_EQ(out.same_rung, 1.0 / 3);
}

TEST(ReplayAgreement, OfStrangersIsNone) { EXPECT_DOUBLE_EQ(agreement_of({}, {}).same_rung, 0); }

TEST(ReplayAgreement, MeasuresRequestStartsFromTheFirstRequestForASegment) {
  const SessionRecord a{.requests = {video(1, 0, 0s), video(2, 0, 1s), video(3, 0, 2s), video(1, 1, 4s)}};
  const SessionRecord b{.requests = {video(1, 0, 100ms), video(2, 0, 1s), video(3, 0, 1700ms)}};
  const StartErrors out = agreement_of(a, b).video;
  EXPECT_EQ(out.compared, 3);
  EXPECT_EQ(out.median, 0s);
  EXPECT_EQ(out.median_absolute, 100ms);
  EXPECT_NEAR(base::to_milliseconds(out.rmse), 182.57, 0.01);
}

TEST(ReplayAgreement, KeepsAudioApart) {
  RequestRecord audio = video(1, 3, 0s);
  audio.kind = RequestKind::kAudio;
  const SessionRecord a{.requests = {audio}};
  EXPECT_EQ(agreement_of(a, a).audio.compared, 1);
  EXPECT_EQ(agreement_of(a, a).video.compared, 0);
}

TEST(EmulatedBuffer, HoldsWhatArrivedWithoutAGapLessWhatWasPlayed) {
  RequestRecord audio = video(1, 3, 0s);
  audio.kind = RequestKind::kAudio;
  const std::vector requests{video(1, 0, 0s), video(2, 0, 1s), video(4, 0, 2s), audio};
  EXPECT_EQ(levels_of(small_content(), requests, 500ms), (BufferLevels{3500ms, 1500ms}));
  EXPECT_EQ(levels_of(small_content(), {}, 0s), (BufferLevels{0s, 0s}));
}

}  // namespace
}  // namespace harness

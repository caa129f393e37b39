#include <gtest/gtest.h>

#include <array>

#include "harness/engine/shaka_caption_probe.h"
#include "harness/engine/shaka_error_rule.h"
#include "harness/engine/shaka_variant_rule.h"

namespace harness::shaka {
namespace {

using namespace base::literals;

constexpr base::Instant kNow{100s};

std::array<Variant, 3> variants() { return {{{.rate = 400_kbps}, {.rate = 798_kbps}, {.rate = 1594_kbps}}}; }

TEST(ShakaVariantRule, TakesTheHighestWithin95PercentOfTheEstimate) {
  struct Case {
    int estimate_kbps;
    std::size_t chosen;
  };
  for (const Case& each : {Case{100, 0}, {839, 0}, {841, 1}, {1677, 1}, {1678, 2}, {9000, 2}})
    EXPECT_EQ(choose(variants(), base::Bitrate::bits_per_second(each.estimate_kbps * 1000LL), 1, kNow), each.chosen) << each.estimate_kbps;
}

TEST(ShakaVariantRule, CountsThePlaybackRate) { EXPECT_EQ(choose(variants(), 1_Mbps, 2, kNow), 0u); }

TEST(ShakaVariantRule, LeavesDisabledVariantsOut) {
  auto some = variants();
  some[1].disabled_until = kNow + 1s;
  EXPECT_EQ(choose(some, 1_Mbps, 1, kNow), 0u);
  EXPECT_EQ(choose(some, 1_Mbps, 1, kNow + 1s), 1u);
  some[0].disabled_until = kNow + 1s;
  EXPECT_EQ(choose(some, 1_Mbps, 1, kNow), 2u) << "the lowest that is left";
}

TEST(ShakaSwitchInterval, LooksAsSoonAsTheEstimateIsGoodThenEveryEightSeconds) {
  SwitchInterval interval;
  interval.chosen(kNow);
  EXPECT_FALSE(interval.is_over(kNow + 9s, false));
  EXPECT_TRUE(interval.is_over(kNow + 9s, true));
  interval.chosen(kNow + 9s);
  EXPECT_FALSE(interval.is_over(kNow + 16'999ms, true));
  EXPECT_TRUE(interval.is_over(kNow + 17s, true));
}

TEST(ShakaCaptionProbe, LooksAroundTheMiddleOfALivePlaylistAndAtBothEndsOtherwise) {
  using Order = std::array<int, 3>;
  EXPECT_EQ(probe_order(6, true), (Order{2, 3, 1}));
  EXPECT_EQ(probe_order(8, true), (Order{3, 5, 1}));
  EXPECT_EQ(probe_order(180, false), (Order{0, 89, 179}));
  EXPECT_EQ(probe_order(2, true), (Order{0, 1, -1})) << "the nearest one that is left";
  EXPECT_EQ(probe_order(1, false), (Order{0, -1, -1}));
}

FailedRequest failed(RequestKind kind, int failures, bool live = false) {
  return {.kind = kind, .status = 503, .failures = failures, .live = live};
}

TEST(ShakaErrorRule, TriesTwiceThenGoesToAnotherStream) {
  EXPECT_EQ(verdict(failed(RequestKind::kVideo, 1), true).remedy.after, base::Duration{1s});
  EXPECT_FALSE(verdict(failed(RequestKind::kVideo, 1), true).disables_stream);
  EXPECT_TRUE(verdict(failed(RequestKind::kVideo, 2), true).disables_stream);
}

TEST(ShakaErrorRule, DoesNotLeaveAStreamForATimeout) {
  FailedRequest request = failed(RequestKind::kVideo, 2, true);
  request.timed_out = true;
  EXPECT_FALSE(verdict(request, true).disables_stream);
  EXPECT_EQ(verdict(request, true).remedy.what, Remedy::What::kRetry);
}

TEST(ShakaErrorRule, EndsVodAndGoesOnInLiveWhereNoStreamIsLeft) {
  EXPECT_EQ(verdict(failed(RequestKind::kAudio, 2), false).remedy.what, Remedy::What::kFail);
  const Verdict live = verdict(failed(RequestKind::kAudio, 4, true), false);
  EXPECT_EQ(live.remedy.what, Remedy::What::kRetry);
  EXPECT_EQ(live.remedy.after, base::Duration{1100ms});
}

TEST(ShakaErrorRule, EndsWithoutAManifest) {
  EXPECT_EQ(verdict(failed(RequestKind::kManifest, 1), false).remedy.what, Remedy::What::kRetry);
  EXPECT_EQ(verdict(failed(RequestKind::kManifest, 2), false).remedy.what, Remedy::What::kFail);
}

}  // namespace
}  // namespace harness::shaka

#include "harness/engine/hlsjs_start_rule.h"

#include <gtest/gtest.h>

namespace harness::hlsjs {
namespace {

using namespace std::chrono_literals;

constexpr base::Instant kZero{1000s};

// The worker takes 53.5 ms from the first segment of either track, the first video segment 10 ms.
TEST(HlsJsStartRule, ParsesOnceTheWorkerRuns) {
  EXPECT_FALSE(first_parsed({.audio = kZero}));
  EXPECT_EQ(first_parsed({.video = kZero}), kZero + 53500us);
  EXPECT_EQ(first_parsed({.video = kZero + 20ms, .audio = kZero}), kZero + 53500us);
  EXPECT_EQ(first_parsed({.video = kZero + 200ms, .audio = kZero}), kZero + 210ms);
}

TEST(HlsJsStartRule, ReleasesWaitingAudioWithATick) {
  EXPECT_EQ(first_released({.video = kZero + 200ms, .audio = kZero}, true, kZero), kZero + 300ms);
  EXPECT_EQ(first_released({.video = kZero + 200ms, .audio = kZero}, true, kZero + 15ms), kZero + 215ms);
}

TEST(HlsJsStartRule, ReleasesAudioThatComesLaterAtOnce) {
  EXPECT_FALSE(first_released({.video = kZero}, true, kZero));
  EXPECT_EQ(first_released({.video = kZero, .audio = kZero + 70ms}, true, kZero), kZero + 70ms);
  EXPECT_EQ(first_released({.video = kZero}, false, kZero), kZero + 53500us) << "there is none";
}

}  // namespace
}  // namespace harness::hlsjs

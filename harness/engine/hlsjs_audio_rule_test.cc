#include "harness/engine/hlsjs_audio_rule.h"

#include <gtest/gtest.h>

namespace harness::hlsjs {
namespace {

using namespace std::chrono_literals;

TEST(HlsJsAudioRule, HoldsBackAudioBeyondTheVideo) {
  AudioRule rule;
  rule.audio_arrived(4s, 2s, 6s);
  EXPECT_FALSE(rule.is_held_back()) << "video covers it";
  rule.audio_arrived(6s, 2s, 6s);
  EXPECT_TRUE(rule.is_held_back());
}

TEST(HlsJsAudioRule, ReleasesAudioWithAnyFurtherVideo) {
  AudioRule rule;
  rule.video_arrived(2s);
  rule.audio_arrived(6s, 2s, 2s);
  rule.video_arrived(2s);
  EXPECT_TRUE(rule.is_held_back()) << "the same once more is no progress";
  rule.video_arrived(4s);
  EXPECT_FALSE(rule.is_held_back());
}

TEST(HlsJsAudioRule, LetsNoSegmentBeAskedForBehindTheVideoOnItsWay) {
  AudioRule rule;
  EXPECT_FALSE(rule.is_ahead(6s)) << "no video on its way";
  rule.video_asked(6s);
  EXPECT_FALSE(rule.is_ahead(4s));
  EXPECT_TRUE(rule.is_ahead(6s)) << "the media begins a frame later than the playlist says";
  rule.video_arrived(6s);
  EXPECT_FALSE(rule.is_ahead(6s));
}

TEST(HlsJsAudioRule, KnowsWhatBeginsBehindTheVideoReceivedLast) {
  AudioRule rule;
  rule.video_arrived(6s);
  rule.video_asked(8s);
  EXPECT_FALSE(rule.is_ahead_of_received(4s));
  EXPECT_TRUE(rule.is_ahead_of_received(6s)) << "only the next one covers it";
}

}  // namespace
}  // namespace harness::hlsjs

#include "harness/engine/hlsjs_error_rule.h"

#include <gtest/gtest.h>

#include <vector>

namespace harness::hlsjs {
namespace {

using namespace std::chrono_literals;
using What = Remedy::What;

struct Player {
  std::vector<Level> levels{3};
  Failures failures{.load_level = 1};

  Remedy fails(RequestKind kind, int status, TrackKind track = TrackKind::kVideo, bool live = false) {
    FailedRequest request{.kind = kind, .track = track, .rendition = failures.load_level, .status = status, .live = live};
    request.timed_out = status == 0 && timeouts;
    return remedy(request, levels, failures);
  }
  bool timeouts = false;
};

TEST(HlsJsErrorRule, WaitsLongerAfterEachServerError) {
  Player player;
  for (const base::Duration wait : {1s, 2s, 4s, 8s, 8s, 8s}) {
    const Remedy remedy = player.fails(RequestKind::kVideo, 503);
    EXPECT_EQ(remedy.what, What::kRetry);
    EXPECT_EQ(remedy.after, wait);
    EXPECT_FALSE(player.failures.forced_level);
  }
  EXPECT_EQ(player.fails(RequestKind::kVideo, 503).after, 0s);
  EXPECT_EQ(player.failures.forced_level, 0u) << "after six retries it goes elsewhere";
}

TEST(HlsJsErrorRule, AsksAgainAtOnceAfterATimeout) {
  Player player{.timeouts = true};
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(player.fails(RequestKind::kVideo, 0).after, 0s);
    EXPECT_FALSE(player.failures.forced_level);
  }
  player.fails(RequestKind::kVideo, 0);
  EXPECT_EQ(player.failures.forced_level, 0u);
}

TEST(HlsJsErrorRule, GoesDownAndAroundOnClientErrorsAndOnNoAnswer) {
  for (const int status : {404, 403, 0}) {
    Player player;
    player.fails(RequestKind::kVideo, status);
    EXPECT_EQ(player.failures.forced_level, 0u);
    player.failures.load_level = 0;
    player.fails(RequestKind::kVideo, status);
    EXPECT_EQ(player.failures.forced_level, 2u) << "level 1 has failed";
  }
}

TEST(HlsJsErrorRule, WaitsWhenNoLevelIsLeftAndGivesUpInTheEnd) {
  Player player;
  for (const std::size_t level : {1u, 0u, 2u}) {
    player.failures.load_level = level;
    player.fails(RequestKind::kVideo, 404);
  }
  EXPECT_EQ(player.fails(RequestKind::kVideo, 404).after, 8s) << "three errors so far: 2^3 s";
  player.fails(RequestKind::kVideo, 404);
  player.fails(RequestKind::kVideo, 404);
  EXPECT_EQ(player.fails(RequestKind::kVideo, 404).what, What::kFail);
}

TEST(HlsJsErrorRule, LeavesAHoleInLiveAudioAtOnce) {
  Player player;
  EXPECT_EQ(player.fails(RequestKind::kAudio, 404, TrackKind::kAudio, true).what, What::kSkip);
  EXPECT_EQ(player.fails(RequestKind::kAudio, 503, TrackKind::kAudio, true).what, What::kRetry);
}

TEST(HlsJsErrorRule, TriesAudioAgainAtTheSameLevelInVod) {
  Player player;
  EXPECT_EQ(player.fails(RequestKind::kAudio, 404, TrackKind::kAudio).after, 1s);
  EXPECT_FALSE(player.failures.forced_level);
}

TEST(HlsJsErrorRule, TriesAPlaylistTwiceMoreBeforeItGoesElsewhere) {
  Player player;
  EXPECT_EQ(player.fails(RequestKind::kPlaylist, 500).after, 1s);
  EXPECT_EQ(player.fails(RequestKind::kPlaylist, 500).after, 2s);
  EXPECT_EQ(player.fails(RequestKind::kPlaylist, 500).after, 0s);
  EXPECT_EQ(player.failures.forced_level, 0u);
  EXPECT_EQ(player.failures.playlist, 0);
}

TEST(HlsJsErrorRule, NeedsTheManifest) {
  Player player;
  EXPECT_EQ(player.fails(RequestKind::kManifest, 404).what, What::kFail);
  EXPECT_EQ(player.fails(RequestKind::kManifest, 503).after, 1s);
}

}  // namespace
}  // namespace harness::hlsjs

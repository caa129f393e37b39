#include "harness/player/hls_source.h"

#include <gtest/gtest.h>

#include "harness/player/fake_stream.h"

namespace harness::test {
namespace {

struct ListedStream {
  FakeStream stream;
  PlayerConfig config = PlayerScript::config(device(), FakeStream::hls_url(), ContentKind::kVod);
  EngineTraits traits;
  SharedListings shared;
  HlsSource source{config, traits, shared};

  void receive(Slot slot, const std::string& body, base::Instant at = PlayerScript::kStart) {
    EXPECT_TRUE(source.receive({.slot = slot, .body = body, .asked = at, .arrived = at + 50ms}).has_value());
  }
};

// Of four 2 s segments the last one takes 1.5 s.
std::string live_list(int first) {
  std::string text = "#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:" + std::to_string(first) + "\n";
  for (int i = 0; i < 4; ++i) text += (i < 3 ? "#EXTINF:2.0,\n" : "#EXTINF:1.5,\n") + std::to_string(first + i) + ".m4s\n";
  return text;
}

TEST(HlsSource, TakesARenditionNotListedYetToBeLikeTheOneBefore) {
  for (const bool live : {false, true}) {
    ListedStream listed;
    listed.stream.live = live;
    listed.receive(Slot::kManifest, listed.stream.hls_master());
    listed.receive(Slot::kVideoPlaylist, listed.stream.hls_playlist(PlayerScript::kStart));
    listed.source.select(2, PlayerScript::kStart + 1s);
    EXPECT_FALSE(listed.source.is_listed(2));
    EXPECT_EQ(listed.source.is_ended(TrackKind::kVideo), !live);
  }
}

TEST(HlsSource, FindsInitsBesideThePlaylistThatNamesThem) {
  ListedStream listed;
  listed.receive(Slot::kManifest, listed.stream.hls_master());
  for (const int first : {1, 2, 3}) {
    const std::string folder = first < 3 ? "http://a/" : "http://b/", init = first == 1 ? "i.mp4" : "j.mp4";
    const std::string text = "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:" + std::to_string(first) + "\n#EXT-X-MAP:URI=\"" +
                             init + "\"\n#EXTINF:2,\n" + std::to_string(first) + ".m4s\n";
    const base::Instant at = PlayerScript::kStart + first * 2s;
    EXPECT_TRUE(listed.source.receive({.slot = Slot::kVideoPlaylist, .body = text, .asked = at, .arrived = at, .url = folder + "v.m3u8"})
                    .has_value());
    const Track* track = listed.source.track(TrackKind::kVideo);
    ASSERT_NE(track, nullptr);
    EXPECT_EQ(listed.source.init_url(TrackKind::kVideo, *track->numbered(first)), folder + init);
  }
}

TEST(HlsSource, ReloadsAfterTheLastSegmentsDurationWhereThePlayerDoes) {
  for (const bool by_segment : {false, true}) {
    ListedStream listed;
    listed.traits.reloads_by_segment = by_segment;
    listed.receive(Slot::kManifest, listed.stream.hls_master());
    listed.receive(Slot::kVideoPlaylist, live_list(7));
    EXPECT_EQ(listed.source.due(Slot::kVideoPlaylist), PlayerScript::kStart + (by_segment ? 1500ms : 2000ms));
    listed.receive(Slot::kVideoPlaylist, live_list(7));
    EXPECT_EQ(listed.source.due(Slot::kVideoPlaylist), PlayerScript::kStart + 1s) << "nothing new: half the target duration";
  }
}

std::string blocking_list(int first) {
  std::string text = live_list(first);
  return text.insert(text.find("#EXTINF"), "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES\n");
}

// What is asked for next, and how long after the last answer.
std::pair<std::string, base::Duration> next_of(const ListedStream& listed, base::Instant arrived) {
  const std::string url = *listed.source.request(Slot::kVideoPlaylist).url;
  return {url.substr(std::min(url.find('?'), url.size())), *listed.source.due(Slot::kVideoPlaylist) - arrived};
}

TEST(HlsSource, AsksForTheNextSegmentsPlaylistWhereTheServerHoldsRequests) {
  using Next = std::pair<std::string, base::Duration>;
  struct Case {
    BlockingReload how;
    Next advanced, same;
  };
  for (const Case& each : {Case{BlockingReload::kNever, {"", 1950ms}, {"", 950ms}},
                           Case{BlockingReload::kOnTime, {"?_HLS_msn=11", 1950ms}, {"?_HLS_msn=11", 950ms}},
                           Case{BlockingReload::kAdvance, {"?_HLS_msn=11", 0ms}, {"", 950ms}},
                           Case{BlockingReload::kAlways, {"?_HLS_msn=11", 0ms}, {"?_HLS_msn=11", 950ms}}}) {
    ListedStream listed;
    listed.traits.blocking_reload = each.how;
    listed.receive(Slot::kManifest, listed.stream.hls_master());
    EXPECT_EQ(listed.source.request(Slot::kVideoPlaylist).url->find('?'), std::string::npos) << "nothing is known yet";
    listed.receive(Slot::kVideoPlaylist, blocking_list(7));
    EXPECT_EQ(next_of(listed, PlayerScript::kStart + 50ms), each.advanced);
    listed.receive(Slot::kVideoPlaylist, blocking_list(7));
    EXPECT_EQ(next_of(listed, PlayerScript::kStart + 50ms), each.same);
    listed.receive(Slot::kVideoPlaylist, live_list(8));
    EXPECT_EQ(next_of(listed, PlayerScript::kStart + 50ms), (Next{"", 1950ms})) << "it does not say so any more";
  }
}

TEST(HlsSource, DoesNotNameASegmentAgainThatWasWaitedForInVain) {
  ListedStream listed;
  listed.traits.blocking_reload = BlockingReload::kAlways;
  listed.receive(Slot::kManifest, listed.stream.hls_master());
  listed.receive(Slot::kVideoPlaylist, blocking_list(7));
  EXPECT_FALSE(listed.source.does_without(Slot::kVideoPlaylist));
  EXPECT_EQ(listed.source.request(Slot::kVideoPlaylist).url->find('?'), std::string::npos);
}

}  // namespace
}  // namespace harness::test

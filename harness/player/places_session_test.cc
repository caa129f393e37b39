// PlayerSession where the same stream may be had at several places: redundant HLS variants, several BaseURLs, redirects.
#include <gmock/gmock.h>

#include "harness/player/site.h"

namespace harness::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::Not;

const std::string kTwice =
    "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=400000\nhttp://a/l.m3u8\n#EXT-X-STREAM-INF:BANDWIDTH=400000\nhttp://b/l.m3u8\n";
const std::string kList = "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\n0.ts\n#EXTINF:4,\n1.ts\n#EXT-X-ENDLIST\n";

TEST(RedundantStreams, AreOneRungOfTheLadder) {
  const Site site{{{"http://s/m.m3u8", {.body = kTwice}}, {"http://a/l.m3u8", {.body = kList}}, {"http://b/l.m3u8", {.body = kList}}}};
  PlayerScript player = playing("http://s/m.m3u8", StreamingProtocol::kHls);
  player.begins().lives(60s, site).expects_finish(Ending::kContentEnded);
  EXPECT_THAT(requests(player), ElementsAre("http://s/m.m3u8", "http://a/l.m3u8", "http://a/0.ts", "http://a/1.ts"));
}

TEST(RedundantStreams, AreTurnedToWhenAPlaylistFails) {
  const Site site{{{"http://s/m.m3u8", {.body = kTwice}}, {"http://b/l.m3u8", {.body = kList}}}};
  PlayerScript player = playing("http://s/m.m3u8", StreamingProtocol::kHls);
  player.begins().lives(60s, site).expects_finish(Ending::kContentEnded);
  EXPECT_THAT(requests(player), ElementsAre("http://s/m.m3u8", "http://a/l.m3u8", "http://b/l.m3u8", "http://b/0.ts", "http://b/1.ts"));
}

TEST(RedundantStreams, AreTurnedToWhenASegmentFails) {
  const Site site{{{"http://s/m.m3u8", {.body = kTwice}},
                   {"http://a/l.m3u8", {.body = kList}},
                   {"http://b/l.m3u8", {.body = kList}},
                   {"http://a/1.ts", {.status = 503}}}};
  PlayerScript player = playing("http://s/m.m3u8", StreamingProtocol::kHls);
  player.begins().lives(60s, site).expects_finish(Ending::kContentEnded);
  EXPECT_THAT(requests(player),
              ElementsAre("http://s/m.m3u8", "http://a/l.m3u8", "http://a/0.ts", "http://a/1.ts", "http://b/l.m3u8", "http://b/1.ts"));
  EXPECT_EQ(player.totals().failed_requests, 1u);
}

TEST(RedundantStreams, AreEachTriedBeforeTheSessionFails) {
  const Site site{{{"http://s/m.m3u8", {.body = kTwice}}}};
  PlayerScript player = playing("http://s/m.m3u8", StreamingProtocol::kHls);
  player.begins().lives(60s, site).expects_finish(Ending::kFailed, "HTTP 404 on the playlist request (http://b/l.m3u8)");
  EXPECT_EQ(player.count_asked("http://a/l.m3u8"), 1u);
  EXPECT_GE(player.count_asked("http://b/l.m3u8"), 3u);
}

TEST(RedundantStreams, BringTheirOwnAudio) {
  const std::string master =
      "#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"x\",URI=\"http://a/audio.m3u8\"\n"
      "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"b\",NAME=\"x\",URI=\"http://b/audio.m3u8\"\n"
      "#EXT-X-STREAM-INF:BANDWIDTH=400000,AUDIO=\"a\"\nhttp://a/l.m3u8\n#EXT-X-STREAM-INF:BANDWIDTH=400000,AUDIO=\"b\"\nhttp://b/l.m3u8\n";
  const Site site{{{"http://s/m.m3u8", {.body = master}}, {"http://a/l.m3u8", {.body = kList}}, {"http://b/audio.m3u8", {.body = kList}}}};
  PlayerScript player = playing("http://s/m.m3u8", StreamingProtocol::kHls);
  player.with_mangled_urls().begins().lives(60s, site).expects_finish(Ending::kContentEnded);
  EXPECT_THAT(requests(player), Contains("http://a/1.ts"));
  EXPECT_THAT(requests(player), Contains("http://b/1.ts"));
}

std::string film(const std::string& urls, const std::string& inner = {}) {
  return "<MPD type=\"static\" mediaPresentationDuration=\"PT8S\">" + urls + "<Period><AdaptationSet mimeType=\"video/mp4\">" + inner +
         R"(<SegmentTemplate media="$Number$.m4s" initialization="i.mp4" timescale="1" duration="4"/>
            <Representation id="v" bandwidth="1000"/></AdaptationSet></Period></MPD>)";
}

TEST(BaseUrls, AreTurnedToInTurnAndKept) {
  const Site site{
      {{"http://s/d/m.mpd", {.body = film("<BaseURL>http://a/</BaseURL><BaseURL>b/</BaseURL>")}}, {"http://a/i.mp4", {.status = 404}}}};
  PlayerScript player = playing("http://s/d/m.mpd", StreamingProtocol::kDash);
  player.begins().lives(60s, site).expects_finish(Ending::kContentEnded);
  EXPECT_THAT(requests(player),
              ElementsAre("http://s/d/m.mpd", "http://a/i.mp4", "http://s/d/b/i.mp4", "http://s/d/b/1.m4s", "http://s/d/b/2.m4s"));
}

TEST(BaseUrls, OfDeeperLevelsAreTriedFirst) {
  const Site site{
      {{"http://s/m.mpd",
        {.body = film("<BaseURL>http://a/</BaseURL><BaseURL>http://b/</BaseURL>", "<BaseURL>x/</BaseURL><BaseURL>y/</BaseURL>")}},
       {"http://a/x/i.mp4", {.status = 404}},
       {"http://a/y/i.mp4", {.failure = "refused"}},
       {"http://b/x/i.mp4", {.status = 500}}}};
  PlayerScript player = playing("http://s/m.mpd", StreamingProtocol::kDash);
  player.begins().lives(60s, site).expects_finish(Ending::kContentEnded);
  EXPECT_THAT(requests(player), ElementsAre("http://s/m.mpd", "http://a/x/i.mp4", "http://a/y/i.mp4", "http://b/x/i.mp4",
                                            "http://b/y/i.mp4", "http://b/y/1.m4s", "http://b/y/2.m4s"));
}

TEST(BaseUrls, AreAllTriedBeforeTheSessionFails) {
  const Site site{{{"http://s/m.mpd", {.body = film("<BaseURL>http://a/</BaseURL><BaseURL>http://b/</BaseURL>")}},
                   {"http://a/2.m4s", {.status = 404}},
                   {"http://b/2.m4s", {.status = 404}}}};
  PlayerScript player = playing("http://s/m.mpd", StreamingProtocol::kDash);
  player.begins().lives(60s, site).expects_finish(Ending::kFailed, "HTTP 404 on the video request (http://b/2.m4s)");
}

TEST(BaseUrls, ThatForbidAreLeft) {
  const Site site{{{"http://s/m.mpd", {.body = film("<BaseURL>http://a/</BaseURL><BaseURL>http://b/</BaseURL>")}},
                   {"http://a/i.mp4", {.status = 403}}}};
  PlayerScript player = playing("http://s/m.mpd", StreamingProtocol::kDash);
  player.begins().lives(60s, site).expects_finish(Ending::kContentEnded);
}

TEST(Redirects, OfAMultivariantPlaylistMoveItsChildren) {
  const Site site{{{"http://s/m.m3u8", {.body = "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nl.m3u8\n", .url = "http://cdn/x/m.m3u8?t=1"}},
                   {"http://cdn/x/l.m3u8", {.body = kList, .url = "http://edge/y/l.m3u8"}}}};
  PlayerScript player = playing("http://s/m.m3u8", StreamingProtocol::kHls);
  player.begins().lives(60s, site).expects_finish(Ending::kContentEnded);
  EXPECT_THAT(requests(player), ElementsAre("http://s/m.m3u8", "http://cdn/x/l.m3u8", "http://edge/y/0.ts", "http://edge/y/1.ts"));
}

TEST(Redirects, OfAnMpdMoveItsSegments) {
  const Site site{{{"http://s/m.mpd", {.body = film("<BaseURL>v/</BaseURL>"), .url = "http://cdn/x/m.mpd"}}}};
  PlayerScript player = playing("http://s/m.mpd", StreamingProtocol::kDash);
  player.begins().lives(60s, site).expects_finish(Ending::kContentEnded);
  EXPECT_THAT(requests(player), ElementsAre("http://s/m.mpd", "http://cdn/x/v/i.mp4", "http://cdn/x/v/1.m4s", "http://cdn/x/v/2.m4s"));
}

std::string updated(const std::string& inside) {
  return "<MPD type=\"dynamic\" availabilityStartTime=\"2027-01-15T07:58:00Z\" minimumUpdatePeriod=\"PT2S\">" + inside +
         R"(<Period start="PT0S"><AdaptationSet mimeType="video/mp4"><SegmentTemplate media="$Number$.m4s" timescale="1" duration="4"/>
            <Representation id="v" bandwidth="1000"/></AdaptationSet></Period></MPD>)";
}

TEST(Redirects, OfAnMpdHoldForItsUpdates) {
  const Site site{{{"http://s/m.mpd", {.body = updated(""), .url = "http://cdn/m.mpd"}}, {"http://cdn/m.mpd", {.body = updated("")}}}};
  PlayerScript player = playing("http://s/m.mpd", StreamingProtocol::kDash, ContentKind::kLive);
  player.begins().lives(5s, site);
  EXPECT_EQ(player.count_asked("http://s/m.mpd"), 1u);
  EXPECT_EQ(player.count_asked("http://cdn/m.mpd"), 2u);
}

TEST(Location, IsWhereUpdatesAreAskedFor) {
  const std::string located = updated("<Location>/new/m.mpd</Location>");
  const Site site{{{"http://s/m.mpd", {.body = located}}, {"http://s/new/m.mpd", {.body = located}}}};
  PlayerScript player = playing("http://s/m.mpd", StreamingProtocol::kDash, ContentKind::kLive);
  player.begins().lives(5s, site);
  EXPECT_EQ(player.count_asked("http://s/m.mpd"), 1u);
  EXPECT_EQ(player.count_asked("http://s/new/m.mpd"), 2u);
}

}  // namespace
}  // namespace harness::test

// PlayerSession on every way in which a manifest may say where segments are.
#include <gmock/gmock.h>

#include "harness/player/site.h"
#include "media/sidx.h"

namespace harness::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsSubsetOf;
using testing::Not;

std::string playlist(const std::string& segments) {
  return "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:4\n" + segments + "#EXT-X-ENDLIST\n";
}

TEST(HlsAddressing, PlaysTransportStreamsWithoutAnInit) {
  const Site site{{{"http://s/a/list.m3u8", {.body = playlist("#EXTINF:4,\n0.ts\n#EXTINF:4,\n1.ts\n")}}}};
  PlayerScript player = playing("http://s/a/list.m3u8", StreamingProtocol::kHls);
  player.begins().lives(60s, site).expects_finish(Ending::kContentEnded);
  EXPECT_THAT(requests(player), ElementsAre("http://s/a/list.m3u8", "http://s/a/0.ts", "http://s/a/1.ts"));
  EXPECT_EQ(player.totals().played, base::Duration{8s});
}

TEST(HlsAddressing, PlaysVariantsWithMuxedAudioAlone) {
  const Site site{
      {{"http://s/m.m3u8", {.body = "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=400000,CODECS=\"avc1.4d401f,mp4a.40.2\"\nv/l.m3u8\n"}},
       {"http://s/v/l.m3u8", {.body = playlist("#EXTINF:4,\n0.ts\n")}}}};
  PlayerScript player = playing("http://s/m.m3u8", StreamingProtocol::kHls);
  player.begins().lives(60s, site).expects_finish(Ending::kContentEnded);
  EXPECT_THAT(requests(player), ElementsAre("http://s/m.m3u8", "http://s/v/l.m3u8", "http://s/v/0.ts"));
}

TEST(HlsAddressing, AsksForByteRangesOfOneFile) {
  const Site site{{{"http://s/l.m3u8",
                    {.body = playlist("#EXT-X-MAP:URI=\"v.mp4\",BYTERANGE=\"700@0\"\n#EXTINF:4,\n#EXT-X-BYTERANGE:1000@700\nv.mp4\n"
                                      "#EXTINF:4,\n#EXT-X-BYTERANGE:500\nv.mp4\n")}}}};
  PlayerScript player = playing("http://s/l.m3u8", StreamingProtocol::kHls);
  player.begins().lives(60s, site).expects_finish(Ending::kContentEnded);
  EXPECT_THAT(requests(player), ElementsAre("http://s/l.m3u8", "http://s/v.mp4 bytes=0-699", "http://s/v.mp4 bytes=700-1699",
                                            "http://s/v.mp4 bytes=1700-2199"));
}

TEST(HlsAddressing, LoadsTheInitOfTheOtherSideOfADiscontinuity) {
  const Site site{{{"http://s/l.m3u8",
                    {.body = playlist("#EXT-X-MAP:URI=\"a.mp4\"\n#EXTINF:4,\na0.m4s\n#EXT-X-DISCONTINUITY\n#EXT-X-MAP:URI=\"b.mp4\"\n"
                                      "#EXTINF:4,\nb0.m4s\n#EXT-X-DISCONTINUITY\n#EXT-X-MAP:URI=\"a.mp4\"\n#EXTINF:4,\na1.m4s\n")}}}};
  PlayerScript player = playing("http://s/l.m3u8", StreamingProtocol::kHls);
  player.begins().lives(60s, site).expects_finish(Ending::kContentEnded);
  EXPECT_THAT(requests(player),
              ElementsAre("http://s/l.m3u8", "http://s/a.mp4", "http://s/a0.m4s", "http://s/b.mp4", "http://s/b0.m4s", "http://s/a1.m4s"));
  EXPECT_EQ(player.totals().stalls, 0u);
}

std::string mpd(const std::string& inside) { return "<MPD type=\"static\" mediaPresentationDuration=\"PT12S\">" + inside + "</MPD>"; }
std::string video_set(const std::string& inside) { return "<AdaptationSet mimeType=\"video/mp4\">" + inside + "</AdaptationSet>"; }

std::string indexed(const std::string& id, int bandwidth) {
  return "<Representation id=\"" + id + "\" bandwidth=\"" + std::to_string(bandwidth) + "\"><BaseURL>" + id +
         ".mp4</BaseURL><SegmentBase indexRange=\"700-799\"><Initialization range=\"0-699\"/></SegmentBase></Representation>";
}

// Three segments of 4 s behind 800 bytes.
std::string index_of_three() {
  return media::write_sidx({.timescale = 1000, .start = 0, .first_byte = 100, .entries = {{5000, 4000}, {6000, 4000}, {7000, 4000}}});
}

TEST(DashAddressing, FindsTheSegmentsOfAnIndexedFile) {
  const Site site{{{"http://s/m.mpd", {.body = mpd("<Period>" + video_set(indexed("v", 400'000)) + "</Period>")}},
                   {"http://s/v.mp4", {.status = 206, .body = index_of_three()}}}};
  PlayerScript player = playing("http://s/m.mpd", StreamingProtocol::kDash);
  player.begins().lives(60s, site).expects_finish(Ending::kContentEnded);
  EXPECT_THAT(requests(player),
              ElementsAre("http://s/m.mpd", "http://s/v.mp4 bytes=700-799", "http://s/v.mp4 bytes=0-699", "http://s/v.mp4 bytes=800-5799",
                          "http://s/v.mp4 bytes=5800-11799", "http://s/v.mp4 bytes=11800-18799"));
  EXPECT_EQ(player.totals().played, base::Duration{12s});
}

TEST(DashAddressing, TakesTheIndexOutOfAWholeFile) {
  const Site site{{{"http://s/m.mpd", {.body = mpd("<Period>" + video_set(indexed("v", 400'000)) + "</Period>")}},
                   {"http://s/v.mp4", {.status = 200, .body = std::string(700, 'x') + index_of_three() + std::string(300, 'x')}}}};
  PlayerScript player = playing("http://s/m.mpd", StreamingProtocol::kDash);
  player.begins().lives(60s, site).expects_finish(Ending::kContentEnded);
  EXPECT_THAT(requests(player), Contains("http://s/v.mp4 bytes=800-5799"));
}

TEST(DashAddressing, LoadsTheIndexOfARenditionWhenItIsChosen) {
  const Site site{
      {{"http://s/m.mpd", {.body = mpd("<Period>" + video_set(indexed("low", 400'000) + indexed("high", 900'000)) + "</Period>")}},
       {"http://s/low.mp4", {.status = 206, .body = index_of_three()}},
       {"http://s/high.mp4", {.status = 206, .body = index_of_three()}}}};
  PlayerScript player = playing("http://s/m.mpd", StreamingProtocol::kDash);
  player.begins().lives(500ms, site);
  EXPECT_THAT(requests(player), Contains("http://s/low.mp4 bytes=800-5799"));
  EXPECT_THAT(requests(player), Contains("http://s/high.mp4 bytes=700-799"));
  player.lives(60s, site).expects_finish(Ending::kContentEnded);
  EXPECT_THAT(requests(player), Contains("http://s/high.mp4 bytes=11800-18799"));
  EXPECT_THAT(requests(player), Not(Contains("http://s/low.mp4 bytes=11800-18799")));
}

TEST(DashAddressing, PlaysAListOfSegments) {
  const Site site{{{"http://s/d/m.mpd",
                    {.body = mpd("<Period>" + video_set(R"(<SegmentList timescale="1000" duration="4000"><Initialization sourceURL="i.mp4"/>
                                     <SegmentURL media="a.m4s"/><SegmentURL media="/b.m4s" mediaRange="10-19"/></SegmentList>
                                     <Representation id="v" bandwidth="1000"/>)") +
                                 "</Period>")}}}};
  PlayerScript player = playing("http://s/d/m.mpd", StreamingProtocol::kDash);
  player.begins().lives(60s, site).expects_finish(Ending::kContentEnded);
  EXPECT_THAT(requests(player), ElementsAre("http://s/d/m.mpd", "http://s/d/i.mp4", "http://s/d/a.m4s", "http://s/b.m4s bytes=10-19"));
}

std::string numbered_period(const std::string& folder) {
  return "<Period duration=\"PT8S\"><BaseURL>" + folder + "/</BaseURL>" +
         video_set(R"(<SegmentTemplate media="$Number$.m4s" initialization="i.mp4" timescale="1" duration="4"/>
                      <Representation id="v" bandwidth="1000"/>)") +
         "</Period>";
}

TEST(DashAddressing, CountsAnewInEachPeriod) {
  const Site site{{{"http://s/m.mpd", {.body = "<MPD type=\"static\">" + numbered_period("p") + numbered_period("q") + "</MPD>"}}}};
  PlayerScript player = playing("http://s/m.mpd", StreamingProtocol::kDash);
  player.begins().lives(60s, site).expects_finish(Ending::kContentEnded);
  EXPECT_THAT(requests(player), ElementsAre("http://s/m.mpd", "http://s/p/i.mp4", "http://s/p/1.m4s", "http://s/p/2.m4s",
                                            "http://s/q/i.mp4", "http://s/q/1.m4s", "http://s/q/2.m4s"));
  EXPECT_EQ(player.totals().played, base::Duration{16s});
}

TEST(DashAddressing, EndsAnIndexedFileWithItsPeriod) {
  const std::string period = "<Period duration=\"PT6S\">" + video_set(indexed("v", 1000)) + "</Period>";
  const Site site{{{"http://s/m.mpd", {.body = "<MPD type=\"static\">" + period + numbered_period("q") + "</MPD>"}},
                   {"http://s/v.mp4", {.status = 206, .body = index_of_three()}}}};
  PlayerScript player = playing("http://s/m.mpd", StreamingProtocol::kDash);
  player.begins().lives(60s, site).expects_finish(Ending::kContentEnded);
  EXPECT_THAT(requests(player), Not(Contains("http://s/v.mp4 bytes=11800-18799")));
  EXPECT_THAT(requests(player), Contains("http://s/q/2.m4s"));
}

}  // namespace
}  // namespace harness::test

#include "harness/calibrate/target_listing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace harness {
namespace {

using testing::HasSubstr;

// "kind url" of each.
std::vector<std::string> words(const std::vector<CalibrationObject>& objects) {
  std::vector<std::string> out;
  for (const CalibrationObject& each : objects) {
    out.push_back(std::string{to_text(each.kind)} + " " + each.url);
    if (each.range) out.back() += " " + std::to_string(each.range->offset) + "+" + std::to_string(each.range->length);
  }
  return out;
}

constexpr const char* kMasterUrl = "http://h/live/master.m3u8";
constexpr const char* kMaster =
    "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=300000\nlow/playlist.m3u8\n#EXT-X-STREAM-INF:BANDWIDTH=900000\nhigh/playlist.m3u8\n";
constexpr const char* kMedia =
    "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:5\n#EXT-X-MAP:URI=\"init.mp4\"\n#EXTINF:2,\n5.m4s\n#EXTINF:2,\n6.m4s\n";

TEST(TargetListing, ReadsAMultivariantPlaylistAndWhatItNames) {
  TargetListing listing{kMasterUrl};
  EXPECT_EQ(listing.next()->url, kMasterUrl);
  ASSERT_TRUE(listing.take(kMaster, kMasterUrl, false, {}).has_value());
  EXPECT_EQ(listing.next()->url, "http://h/live/high/playlist.m3u8");
  ASSERT_TRUE(listing.take(kMedia, "http://h/live/high/playlist.m3u8", false, {}).has_value());
  EXPECT_EQ(listing.next()->url, "http://h/live/low/playlist.m3u8");
  ASSERT_TRUE(listing.take(kMedia, "http://elsewhere/low/playlist.m3u8", false, {}).has_value());
  EXPECT_FALSE(listing.next().has_value());
  EXPECT_THAT(words(listing.objects()),
              testing::ElementsAre(
                  "master http://h/live/master.m3u8", "playlist http://h/live/high/playlist.m3u8", "init http://h/live/high/init.mp4",
                  "segment http://h/live/high/6.m4s", "segment http://h/live/high/5.m4s", "playlist http://h/live/low/playlist.m3u8",
                  "init http://elsewhere/low/init.mp4", "segment http://elsewhere/low/6.m4s", "segment http://elsewhere/low/5.m4s"));
}

TEST(TargetListing, TakesAMediaPlaylistAsItIs) {
  TargetListing listing{"http://h/p.m3u8"};
  ASSERT_TRUE(listing
                  .take("#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n#EXT-X-BYTERANGE:500@1000\nall.mp4\n#EXT-X-ENDLIST\n",
                        "http://h/p.m3u8", false, {})
                  .has_value());
  EXPECT_THAT(words(listing.objects()), testing::ElementsAre("playlist http://h/p.m3u8", "segment http://h/all.mp4 1000+500"));
}

constexpr const char* kLive = R"(<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="dynamic" availabilityStartTime="2026-01-01T00:00:00Z"
  minimumUpdatePeriod="PT2S" timeShiftBufferDepth="PT8S" profiles="urn:mpeg:dash:profile:isoff-live:2011" minBufferTime="PT2S">
  <Period start="PT0S"><AdaptationSet contentType="video" mimeType="video/mp4"><SegmentTemplate timescale="1" duration="2" startNumber="1"
   initialization="$RepresentationID$/i.mp4" media="$RepresentationID$/$Number$.m4s"/>
  <Representation id="low" bandwidth="300000" codecs="avc1.64001f" width="426" height="240"/>
  <Representation id="high" bandwidth="900000" codecs="avc1.64001f" width="854" height="480"/></AdaptationSet></Period></MPD>)";

// At ten seconds the segments 1 to 5 exist, and 5 ends just then.
TEST(TargetListing, ListsTheNewestSegmentsOfALiveManifest) {
  TargetListing listing{"http://h/m.mpd"};
  const base::UtcTime start{std::chrono::sys_days{std::chrono::year{2026} / 1 / 1}};
  ASSERT_TRUE(listing.take(kLive, "http://h/m.mpd", false, start + std::chrono::seconds{10}).has_value());
  EXPECT_FALSE(listing.next().has_value());
  const std::vector<std::string> all = words(listing.objects());
  ASSERT_GE(all.size(), 4u);
  EXPECT_EQ(all[0], "playlist http://h/m.mpd");
  EXPECT_EQ(all[1], "init http://h/high/i.mp4");
  EXPECT_EQ(all[2], "segment http://h/high/5.m4s");
  EXPECT_EQ(all[3], "segment http://h/high/4.m4s");
  EXPECT_THAT(all, testing::Contains("init http://h/low/i.mp4"));
}

TEST(TargetListing, SaysWhatIsNoTarget) {
  const auto reason = [](const char* body) {
    TargetListing listing{"http://h/"};
    const auto taken = listing.take(body, "http://h/", false, {});
    return taken.has_value() ? std::string{"taken"} : taken.error().message;
  };
  EXPECT_THAT(reason("hello"), HasSubstr("neither an HLS playlist nor a DASH manifest"));
  EXPECT_THAT(reason(""), HasSubstr("neither an HLS playlist nor a DASH manifest"));
  EXPECT_THAT(reason("<html></html>"), HasSubstr("neither an HLS playlist nor a DASH manifest"));
  EXPECT_THAT(reason("#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"a\",URI=\"a.m3u8\"\n"), testing::Ne("taken"));
}

}  // namespace
}  // namespace harness

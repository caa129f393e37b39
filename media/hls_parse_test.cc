#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "media/hls.h"
#include "media/text_fields.h"
#include "media/unsupported.h"

namespace media {
namespace {

using namespace base::literals;
using testing::HasSubstr;

HlsMediaPlaylist media_of(std::string_view text) {
  const auto playlist = parse_hls(text);
  EXPECT_TRUE(playlist.has_value()) << (playlist.has_error() ? playlist.error().message : "");
  return playlist.has_value() ? std::get<HlsMediaPlaylist>(*playlist) : HlsMediaPlaylist{};
}

HlsMultivariantPlaylist multivariant_of(std::string_view text) {
  const auto playlist = parse_hls(text);
  EXPECT_TRUE(playlist.has_value()) << (playlist.has_error() ? playlist.error().message : "");
  return playlist.has_value() ? std::get<HlsMultivariantPlaylist>(*playlist) : HlsMultivariantPlaylist{};
}

std::string error_of(std::string_view text) {
  const auto playlist = parse_hls(text);
  return playlist.has_value() ? "accepted" : playlist.error().message;
}

// A media playlist with `lines` after the mandatory ones: they start at line 3.
std::string with(std::string_view lines) { return "#EXTM3U\n#EXT-X-TARGETDURATION:6\n" + std::string{lines}; }

TEST(HlsMediaPlaylist, ReadsALivePlaylist) {
  const HlsMediaPlaylist playlist = media_of(
      "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-INDEPENDENT-SEGMENTS\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:41\n"
      "#EXT-X-DISCONTINUITY-SEQUENCE:3\n#EXT-X-MAP:URI=\"init.mp4\"\n#EXT-X-PROGRAM-DATE-TIME:2026-11-24T16:18:05.250Z\n"
      "#EXTINF:2.002,\nseg41.m4s\n#EXTINF:1.9185,a title, with a comma\nseg42.m4s\n");
  EXPECT_EQ(playlist.version, 7);
  EXPECT_TRUE(playlist.independent_segments);
  EXPECT_EQ(playlist.target_duration, 2s);
  EXPECT_EQ(playlist.media_sequence, 41);
  EXPECT_EQ(playlist.discontinuity_sequence, 3);
  EXPECT_FALSE(playlist.ended);
  ASSERT_EQ(playlist.segments.size(), 2u);
  EXPECT_EQ(playlist.segments[0].duration, 2002ms);
  EXPECT_EQ(playlist.segments[0].program_date_time, *parse_utc("2026-11-24T16:18:05.250Z"));
  EXPECT_EQ(playlist.segments[1].duration, 1918500us);
  EXPECT_EQ(playlist.segments[1].uri, "seg42.m4s");
  EXPECT_EQ(playlist.segments[1].init->uri, "init.mp4");
  EXPECT_FALSE(playlist.segments[1].program_date_time);
}

TEST(HlsMediaPlaylist, ReadsCarriageReturnsAByteOrderMarkAndBlanks) {
  const HlsMediaPlaylist playlist =
      media_of("\xEF\xBB\xBF#EXTM3U\r\n\r\n#EXT-X-TARGETDURATION: 10 \r\n# a comment\r\n#EXTINF: 9.5 ,x\r\n  a.ts  \r\n#EXT-X-ENDLIST\r\n");
  ASSERT_EQ(playlist.segments.size(), 1u);
  EXPECT_EQ(playlist.segments[0].uri, "a.ts");
  EXPECT_EQ(playlist.segments[0].duration, 9500ms);
  EXPECT_TRUE(playlist.ended);
}

TEST(HlsMediaPlaylist, HasVersionOneUnlessItSaysOtherwise) { EXPECT_EQ(media_of(with("#EXTINF:6\na\n")).version, 1); }

TEST(HlsMediaPlaylist, ContinuesAByteRangeWithoutAnOffset) {
  const auto playlist = media_of(with("#EXT-X-BYTERANGE:100@50\n#EXTINF:6,\na.mp4\n#EXTINF:6,\n#EXT-X-BYTERANGE:30\na.mp4\n"));
  ASSERT_EQ(playlist.segments.size(), 2u);
  EXPECT_EQ(playlist.segments[0].range, (ByteRange{.offset = 50, .length = 100}));
  EXPECT_EQ(playlist.segments[1].range, (ByteRange{.offset = 150, .length = 30}));
}

TEST(HlsMediaPlaylist, RefusesAByteRangeThatContinuesNothing) {
  EXPECT_THAT(error_of(with("#EXT-X-BYTERANGE:30\n#EXTINF:6,\na.mp4\n")), HasSubstr("line 5: URI: its EXT-X-BYTERANGE has no offset"));
  EXPECT_THAT(error_of(with("#EXT-X-BYTERANGE:30@0\n#EXTINF:6,\na\n#EXT-X-BYTERANGE:30\n#EXTINF:6,\nb\n")), HasSubstr("line 8"));
}

TEST(HlsMediaPlaylist, KeepsTheInitSegmentInForceUntilTheNext) {
  const auto playlist =
      media_of(with("#EXT-X-MAP:URI=\"a.mp4\",BYTERANGE=\"720@16\"\n#EXTINF:6,\n1\n#EXTINF:6,\n2\n#EXT-X-DISCONTINUITY\n#EXT-X-MAP:URI=\"b."
                    "mp4\"\n#EXTINF:6,\n3\n"));
  ASSERT_EQ(playlist.segments.size(), 3u);
  EXPECT_EQ(playlist.segments[1].init, (HlsInit{.uri = "a.mp4", .range = ByteRange{.offset = 16, .length = 720}}));
  EXPECT_FALSE(playlist.segments[1].discontinuity);
  EXPECT_TRUE(playlist.segments[2].discontinuity);
  EXPECT_EQ(playlist.segments[2].init, (HlsInit{.uri = "b.mp4", .range = std::nullopt}));
}

TEST(HlsMediaPlaylist, MarksOnlyTheSegmentThatAGapTagPrecedes) {
  const auto playlist = media_of(with("#EXTINF:6,\n1\n#EXT-X-GAP\n#EXTINF:6,\n2\n#EXTINF:6,\n3\n"));
  ASSERT_EQ(playlist.segments.size(), 3u);
  EXPECT_FALSE(playlist.segments[0].gap);
  EXPECT_TRUE(playlist.segments[1].gap);
  EXPECT_FALSE(playlist.segments[2].gap);
}

TEST(HlsMediaPlaylist, ReadsHoldBackFromServerControl) {
  EXPECT_EQ(media_of(with("#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,HOLD-BACK=18.5,PART-HOLD-BACK=3\n")).hold_back, 18500ms);
  EXPECT_FALSE(media_of(with("#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES\n")).hold_back);
  EXPECT_TRUE(media_of(with("#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES\n")).can_block_reload);
  EXPECT_FALSE(media_of(with("#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=NO,HOLD-BACK=6\n")).can_block_reload);
}

// Low-latency, steering, ad and I-frame tags, and one nobody knows.
TEST(HlsMediaPlaylist, IgnoresTagsItHasNoUseFor) {
  const auto playlist = media_of(with(
      "#EXT-X-START:TIME-OFFSET=-6\n#EXT-X-PART-INF:PART-TARGET=0.5\n#EXT-X-BITRATE:800\n#EXT-X-DATERANGE:ID=\"a,b\",START-DATE=\"x\"\n"
      "#EXT-X-CUE-OUT:30\n#EXTINF:6,\n1\n#EXT-X-PART:DURATION=0.5,URI=\"p\"\n#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"q\"\n#EXTRA\n#EXT-X-NEW:"
      "1\n"));
  EXPECT_EQ(playlist.segments.size(), 1u);
}

TEST(HlsMediaPlaylist, ReadsTheTimesThatPackagersWrite) {
  for (const char* time :
       {"2026-11-24T16:18:05.250+00:00", "2026-11-24T17:18:05.250+0100", "2026-11-24T16:18:05.25Z", "2026-11-24T16:18:05.250"}) {
    const auto playlist = media_of(with(fmt::format("#EXT-X-PROGRAM-DATE-TIME:{}\n#EXTINF:6,\n1\n", time)));
    ASSERT_EQ(playlist.segments.size(), 1u) << time;
    EXPECT_EQ(playlist.segments[0].program_date_time, *parse_utc("2026-11-24T16:18:05.250Z")) << time;
  }
}

TEST(HlsMediaPlaylist, RoundsAFractionalTargetDurationUp) {
  EXPECT_EQ(media_of("#EXTM3U\n#EXT-X-TARGETDURATION:5.005\n").target_duration, 6s);
}

TEST(HlsMediaPlaylist, RefusesMalformedTagsByLineAndName) {
  struct Row {
    const char* lines;
    const char* message;
  };
  const Row rows[] = {
      {"a.ts\n", "line 3: URI: no EXTINF"},
      {"#EXTINF:6,\n", "line 3: EXTINF: no URI follows"},
      {"#EXTINF:6,\n#EXTINF:6,\na\n", "line 4: EXTINF: the segment of line 3 has no URI"},
      {"#EXTINF:abc,\na\n", "line 3: EXTINF: \"abc\" is not a number of seconds"},
      {"#EXTINF:-1,\na\n", "line 3: EXTINF"},
      {"#EXTINF:,\na\n", "line 3: EXTINF"},
      {"#EXTINF:1e3,\na\n", "line 3: EXTINF"},
      {"#EXT-X-MEDIA-SEQUENCE:x\n", "line 3: EXT-X-MEDIA-SEQUENCE"},
      {"#EXT-X-MEDIA-SEQUENCE:9223372036854775807\n", "line 3: EXT-X-MEDIA-SEQUENCE"},
      {"#EXT-X-VERSION:seven\n", "line 3: EXT-X-VERSION"},
      {"#EXT-X-PLAYLIST-TYPE:LIVE\n", "neither VOD nor EVENT"},
      {"#EXT-X-BYTERANGE:0@5\n", "byte range"},
      {"#EXT-X-BYTERANGE:10@9223372036854775807\n", "byte range"},
      {"#EXT-X-MAP:BYTERANGE=\"1@0\"\n", "line 3: EXT-X-MAP: URI is missing"},
      {"#EXT-X-MAP:URI=\"a\n", "the quote of URI is not closed"},
      {"#EXT-X-MAP:URI=\"a\"b\n", "no comma after URI"},
      {"#EXT-X-MAP:URI=\"a\",URI=\"b\"\n", "URI is given twice"},
      {"#EXT-X-MAP:URI\n", "a name without a value"},
      {"#EXT-X-MAP:A,URI=\"a\"\n", "a name without a value"},
      {"#EXT-X-MAP:URI=a\"b\n", "quote inside"},
      {"#EXT-X-MAP:URI=\"a\rb\"\n", "URI has a carriage return"},
      {"#EXT-X-PROGRAM-DATE-TIME:yesterday\n", "line 3: EXT-X-PROGRAM-DATE-TIME: \"yesterday"},
      {"#EXT-X-SERVER-CONTROL:HOLD-BACK=soon\n", "HOLD-BACK=soon"},
      {"#EXT-X-SKIP:SKIPPED-SEGMENTS=3\n", "delta update"},
      {"#EXT-X-KEY:URI=\"k\"\n", "line 3: EXT-X-KEY: METHOD is missing"},
  };
  for (const Row& row : rows) EXPECT_THAT(error_of(with(row.lines)), HasSubstr(row.message)) << row.lines;
}

TEST(HlsMediaPlaylist, NamesWhatIsNotSupported) {
  struct Row {
    const char* line;
    const char* message;
  };
  const Row rows[] = {
      {"#EXT-X-KEY:METHOD=AES-128,URI=\"k\"\n", "the stream is encrypted (EXT-X-KEY METHOD=AES-128, line 3): not supported"},
      {"#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"skd://k\"\n", "the stream is encrypted (EXT-X-KEY METHOD=SAMPLE-AES, line 3): not supported"},
      {"#EXT-X-DEFINE:NAME=\"a\",VALUE=\"b\"\n", "the playlist uses variables (EXT-X-DEFINE, line 3): not supported"},
      {"#EXT-X-I-FRAMES-ONLY\n", "the playlist is for trick play (EXT-X-I-FRAMES-ONLY, line 3): not supported"},
  };
  for (const Row& row : rows) EXPECT_EQ(error_of(with(row.line)), row.message);
  EXPECT_TRUE(is_unsupported(rows[0].message));
  EXPECT_FALSE(is_unsupported(error_of(with("#EXTINF:x\n"))));
}

TEST(HlsMediaPlaylist, PlaysAKeyOfNone) { EXPECT_EQ(media_of(with("#EXT-X-KEY:METHOD=NONE\n#EXTINF:6,\n1\n")).segments.size(), 1u); }

TEST(HlsMediaPlaylist, NeedsATargetDuration) {
  EXPECT_THAT(error_of("#EXTM3U\n#EXTINF:6,\na\n"), HasSubstr("no EXT-X-TARGETDURATION"));
  EXPECT_THAT(error_of("#EXTM3U\n#EXT-X-TARGETDURATION:0\n"), HasSubstr("EXT-X-TARGETDURATION: \"0\""));
}

TEST(HlsMediaPlaylist, RefusesMoreSegmentsThanItsLimit) {
  std::string text = with("");
  for (std::int64_t i = 0; i < kMostSegments; ++i) text += "#EXTINF:6,\na\n";
  EXPECT_EQ(media_of(text).segments.size(), static_cast<std::size_t>(kMostSegments));
  EXPECT_THAT(error_of(text + "#EXTINF:6,\na\n"), HasSubstr("more than 200000 segments"));
}

TEST(HlsMediaPlaylist, RefusesToCopyALongInitUriIntoEverySegment) {
  std::string text = with("#EXT-X-MAP:URI=\"" + std::string(1 << 20, 'x') + "\"\n");
  for (int i = 0; i < 100; ++i) text += "#EXTINF:6,\na\n";
  EXPECT_THAT(error_of(text), HasSubstr("EXT-X-MAP is too long"));
}

TEST(HlsMultivariantPlaylist, ReadsVariantsAndRenditions) {
  const HlsMultivariantPlaylist playlist = multivariant_of(
      "#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-INDEPENDENT-SEGMENTS\n"
      "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"aac\",NAME=\"English, "
      "stereo\",LANGUAGE=\"en\",DEFAULT=YES,AUTOSELECT=YES,CHANNELS=\"2\",URI=\"a.m3u8\"\n"
      "#EXT-X-STREAM-INF:BANDWIDTH=2800000,AVERAGE-BANDWIDTH=2500000,CODECS=\"avc1.64001f,mp4a.40.2\",RESOLUTION=1280x720,FRAME-RATE=29."
      "970,"
      "AUDIO=\"aac\"\n720.m3u8\n#EXT-X-STREAM-INF:BANDWIDTH=400000\n240.m3u8\n");
  ASSERT_EQ(playlist.renditions.size(), 1u);
  EXPECT_EQ(playlist.renditions[0], (HlsRendition{.type = "AUDIO",
                                                  .group = "aac",
                                                  .name = "English, stereo",
                                                  .language = "en",
                                                  .uri = "a.m3u8",
                                                  .channels = 2,
                                                  .is_default = true,
                                                  .autoselect = true}));
  ASSERT_EQ(playlist.variants.size(), 2u);
  EXPECT_EQ(playlist.variants[0], (HlsVariant{.uri = "720.m3u8",
                                              .bandwidth = 2800_kbps,
                                              .average_bandwidth = 2500_kbps,
                                              .codecs = "avc1.64001f,mp4a.40.2",
                                              .width = 1280,
                                              .height = 720,
                                              .frame_rate = 29.97,
                                              .audio_group = "aac"}));
  EXPECT_EQ(playlist.variants[1].bandwidth, 400_kbps);
  EXPECT_FALSE(playlist.variants[1].average_bandwidth);
}

TEST(HlsMultivariantPlaylist, IgnoresIFrameStreamsAndSteering) {
  const auto playlist = multivariant_of(
      "#EXTM3U\n#EXT-X-CONTENT-STEERING:SERVER-URI=\"s\"\n#EXT-X-STREAM-INF:BANDWIDTH=1\na\n#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=1,URI="
      "\"i\"\n");
  EXPECT_EQ(playlist.variants.size(), 1u);
}

TEST(HlsMultivariantPlaylist, RefusesMalformedTagsByLineAndName) {
  struct Row {
    const char* lines;
    const char* message;
  };
  const Row rows[] = {
      {"#EXT-X-STREAM-INF:RESOLUTION=1x1\na\n", "line 2: EXT-X-STREAM-INF: BANDWIDTH"},
      {"#EXT-X-STREAM-INF:BANDWIDTH=0\na\n", "BANDWIDTH must be a positive"},
      {"#EXT-X-STREAM-INF:BANDWIDTH=1,RESOLUTION=720p\na\n", "RESOLUTION=720p"},
      {"#EXT-X-STREAM-INF:BANDWIDTH=1,FRAME-RATE=fast\na\n", "FRAME-RATE=fast"},
      {"#EXT-X-STREAM-INF:BANDWIDTH=1,AVERAGE-BANDWIDTH=x\na\n", "AVERAGE-BANDWIDTH=\"x\""},
      {"#EXT-X-STREAM-INF:BANDWIDTH=1\n", "line 2: EXT-X-STREAM-INF: no URI follows"},
      {"#EXT-X-STREAM-INF:BANDWIDTH=1\n#EXT-X-STREAM-INF:BANDWIDTH=1\na\n", "line 3: EXT-X-STREAM-INF: the variant of line 2 has no URI"},
      {"#EXT-X-STREAM-INF:BANDWIDTH=1\na\nb\n", "line 4: URI: no EXT-X-STREAM-INF"},
      {"#EXT-X-MEDIA:TYPE=AUDIO,NAME=\"n\"\n", "line 2: EXT-X-MEDIA: GROUP-ID is missing"},
      {"#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"g\",NAME=\"n\"\n", "has no EXT-X-STREAM-INF"},
      {"#EXT-X-SESSION-KEY:METHOD=AES-128,URI=\"k\"\n",
       "the stream is encrypted (EXT-X-SESSION-KEY METHOD=AES-128, line 2): not supported"},
      {"#EXT-X-STREAM-INF:BANDWIDTH=1\na\n#EXT-X-DEFINE:NAME=\"a\",VALUE=\"b\"\n", "EXT-X-DEFINE, line 4"},
      {"#EXT-X-STREAM-INF:BANDWIDTH=1\na\n#EXTINF:6,\nb\n", "line 4: EXTINF: does not belong in a multivariant playlist"},
      {"#EXTINF:6,\nb\n#EXT-X-STREAM-INF:BANDWIDTH=1\na\n", "line 4: EXT-X-STREAM-INF: does not belong in a media playlist"},
  };
  for (const Row& row : rows) EXPECT_THAT(error_of(std::string{"#EXTM3U\n"} + row.lines), HasSubstr(row.message)) << row.lines;
}

TEST(ParseHls, RefusesWhatIsNoPlaylist) {
  EXPECT_THAT(error_of(""), HasSubstr("must start with #EXTM3U"));
  EXPECT_THAT(error_of("<html>404</html>"), HasSubstr("must start with #EXTM3U"));
  EXPECT_THAT(error_of("\n#EXTM3U\n"), HasSubstr("must start with #EXTM3U"));
  EXPECT_THAT(error_of("#EXTM3U8\n"), HasSubstr("must start with #EXTM3U"));
  EXPECT_THAT(error_of("#EXTM3U\n"), HasSubstr("neither EXT-X-STREAM-INF nor EXT-X-TARGETDURATION"));
}

// Every prefix of a good playlist is either read or refused; the sanitizers watch for reads outside it.
TEST(ParseHls, SurvivesATruncatedPlaylist) {
  const std::string text =
      with("#EXT-X-MAP:URI=\"a.mp4\",BYTERANGE=\"720@16\"\n#EXT-X-BYTERANGE:100@50\n#EXTINF:6.006,t\na.mp4\n#EXT-X-ENDLIST\n");
  int accepted = 0;
  for (std::size_t n = 0; n <= text.size(); ++n) accepted += parse_hls(std::string(text, 0, n)).has_value() ? 1 : 0;
  EXPECT_GT(accepted, 0);
  EXPECT_LT(accepted, static_cast<int>(text.size()));
}

}  // namespace
}  // namespace media

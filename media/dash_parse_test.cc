#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "media/dash.h"
#include "media/text_fields.h"
#include "media/unsupported.h"

namespace media {
namespace {

using namespace base::literals;
using testing::ElementsAre;
using testing::HasSubstr;

DashManifest manifest_of(std::string_view text) {
  auto manifest = parse_mpd(text);
  EXPECT_TRUE(manifest.has_value()) << (manifest.has_error() ? manifest.error().message : "");
  return manifest.has_value() ? std::move(*manifest) : DashManifest{};
}

std::string mpd_error_of(std::string_view text) {
  const auto manifest = parse_mpd(text);
  return manifest.has_value() ? "accepted" : manifest.error().message;
}

std::string mpd(std::string_view periods) {
  return fmt::format("<MPD type=\"static\" mediaPresentationDuration=\"PT60S\">{}</MPD>", periods);
}

// One video representation; `above` stands before it in the adaptation set.
std::string one_video(std::string_view above, std::string_view inside = "") {
  return mpd(fmt::format(
      R"(<Period><AdaptationSet mimeType="video/mp4">{}<Representation id="v" bandwidth="1000">{}</Representation></AdaptationSet></Period>)",
      above, inside));
}

DashSegmentTemplate template_of(std::string_view text) {
  const DashManifest manifest = manifest_of(text);
  return manifest.periods.empty() ? DashSegmentTemplate{}
                                  : manifest.periods.front().adaptation_sets.front().representations.front().segments;
}

// The shape that livesim2 publishes: $Number$ with @duration, one adaptation set each for audio, video and subtitles.
constexpr std::string_view kLiveSim = R"(<?xml version="1.0" encoding="UTF-8"?>
<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" xmlns:xlink="http://www.w3.org/1999/xlink" profiles="urn:mpeg:dash:profile:isoff-live:2011"
     type="dynamic" availabilityStartTime="1970-01-01T00:00:00Z" publishTime="2026-11-24T16:18:04Z" minimumUpdatePeriod="PT2S"
     minBufferTime="PT2S" timeShiftBufferDepth="PT1M" maxSegmentDuration="PT2S" suggestedPresentationDelay="PT6S">
  <ProgramInformation><Title>640x360</Title></ProgramInformation>
  <ServiceDescription id="0"><Latency target="3500" max="7000" min="2625"/></ServiceDescription>
  <BaseURL>https://livesim.example/livesim2/</BaseURL>
  <Period id="P0" start="PT0S">
    <AdaptationSet id="1" lang="en" contentType="audio" segmentAlignment="true" mimeType="audio/mp4" startWithSAP="1">
      <Role schemeIdUri="urn:mpeg:dash:role:2011" value="main"/>
      <SegmentTemplate media="$RepresentationID$/$Number$.m4s" initialization="$RepresentationID$/init.mp4" duration="2" startNumber="0"/>
      <Representation id="A48" bandwidth="48000" audioSamplingRate="48000" codecs="mp4a.40.2">
        <AudioChannelConfiguration schemeIdUri="urn:mpeg:dash:23003:3:audio_channel_configuration:2011" value="2"/>
      </Representation>
    </AdaptationSet>
    <AdaptationSet id="2" contentType="video" segmentAlignment="true" par="16:9" minWidth="640" maxWidth="640" frameRate="60/2" mimeType="video/mp4">
      <SegmentTemplate media="$RepresentationID$/$Number%05d$.m4s" initialization="$RepresentationID$/init.mp4" timescale="90000" duration="180000" startNumber="0"/>
      <Representation id="V300" bandwidth="303780" width="640" height="360" sar="1:1" codecs="avc1.64001e"/>
    </AdaptationSet>
    <AdaptationSet id="3" contentType="text" mimeType="application/mp4" lang="en"><SegmentTemplate media="x$Number$" duration="2"/>
      <Representation id="stpp" bandwidth="100" codecs="stpp"/></AdaptationSet>
    <AdaptationSet id="4" contentType="image" mimeType="image/jpeg"><Representation id="t" bandwidth="1"/></AdaptationSet>
  </Period>
  <UTCTiming schemeIdUri="urn:mpeg:dash:utc:http-xsdate:2014" value="https://time.example/?iso"/>
  <UTCTiming schemeIdUri="urn:mpeg:dash:utc:direct:2014" value="2026-11-24T16:18:05Z"/>
</MPD>)";

TEST(ParseMpd, ReadsTheHeadOfALiveManifest) {
  const DashManifest manifest = manifest_of(kLiveSim);
  EXPECT_TRUE(manifest.dynamic);
  EXPECT_EQ(manifest.availability_start, base::UtcTime{});
  EXPECT_EQ(manifest.publish_time, *parse_utc("2026-11-24T16:18:04Z"));
  EXPECT_EQ(manifest.minimum_update_period, 2s);
  EXPECT_EQ(manifest.min_buffer_time, 2s);
  EXPECT_EQ(manifest.time_shift_buffer_depth, 60s);
  EXPECT_EQ(manifest.suggested_presentation_delay, 6s);
  EXPECT_FALSE(manifest.duration);
  EXPECT_THAT(manifest.utc_timings, ElementsAre(DashUtcTiming{"urn:mpeg:dash:utc:http-xsdate:2014", "https://time.example/?iso"},
                                                DashUtcTiming{"urn:mpeg:dash:utc:direct:2014", "2026-11-24T16:18:05Z"}));
  EXPECT_THAT(manifest.base_urls, ElementsAre("https://livesim.example/livesim2/"));
}

TEST(ParseMpd, KeepsAudioAndVideoAndLeavesOutSubtitlesAndThumbnails) {
  const DashManifest manifest = manifest_of(kLiveSim);
  ASSERT_EQ(manifest.periods.size(), 1u);
  ASSERT_EQ(manifest.periods[0].adaptation_sets.size(), 2u);
  const DashAdaptationSet& audio = manifest.periods[0].adaptation_sets[0];
  EXPECT_EQ(audio.content_type, "audio");
  EXPECT_EQ(audio.language, "en");
  EXPECT_TRUE(audio.segment_alignment);
  EXPECT_EQ(audio.representations[0].audio_sampling_rate, 48000);
  EXPECT_EQ(audio.representations[0].segments.start_number, 0);
}

TEST(ParseMpd, InheritsAttributesOfTheAdaptationSet) {
  const DashRepresentation video = manifest_of(kLiveSim).periods.at(0).adaptation_sets.at(1).representations.at(0);
  EXPECT_EQ(video.frame_rate, "60/2");
  EXPECT_EQ(video.width, 640);
  EXPECT_EQ(video.codecs, "avc1.64001e");
  EXPECT_EQ(video.segments.timescale, 90000);
  EXPECT_EQ(video.segments.duration, 180000);
  EXPECT_EQ(fill_template(video.segments.media, video, 7, 0), "V300/00007.m4s");
}

TEST(ParseMpd, MergesTemplatesFromPeriodToRepresentation) {
  const DashSegmentTemplate segments = template_of(mpd(R"(
    <Period><SegmentTemplate timescale="1000" startNumber="5" initialization="p-init" presentationTimeOffset="77"/>
      <AdaptationSet mimeType="video/mp4"><SegmentTemplate media="a-$Number$" duration="4000" startNumber="6"/>
        <Representation id="v" bandwidth="1"><SegmentTemplate initialization="r-init"/></Representation>
      </AdaptationSet></Period>)"));
  EXPECT_EQ(segments, (DashSegmentTemplate{.initialization = "r-init",
                                           .media = "a-$Number$",
                                           .timescale = 1000,
                                           .start_number = 6,
                                           .presentation_time_offset = 77,
                                           .duration = 4000,
                                           .timeline = {}}));
}

TEST(ParseMpd, LetsATimelineBelowReplaceADurationAbove) {
  const DashSegmentTemplate segments =
      template_of(one_video(R"(<SegmentTemplate media="$Time$" duration="4"/>)",
                            R"(<SegmentTemplate><SegmentTimeline><S d="3"/></SegmentTimeline></SegmentTemplate>)"));
  EXPECT_EQ(segments.duration, 0);
  EXPECT_EQ(segments.timeline.size(), 1u);
}

TEST(ParseMpd, FillsInMissingTimesOfATimeline) {
  const DashSegmentTemplate segments = template_of(one_video(
      R"(<SegmentTemplate media="$Time$"><SegmentTimeline><S d="4" r="2"/><S d="3"/><S t="100" d="5" r="-1"/></SegmentTimeline></SegmentTemplate>)"));
  EXPECT_THAT(segments.timeline, ElementsAre(DashTimelineEntry{.start = 0, .duration = 4, .repeat = 2},
                                             DashTimelineEntry{.start = 12, .duration = 3, .repeat = 0},
                                             DashTimelineEntry{.start = 100, .duration = 5, .repeat = -1}));
}

DashRepresentation representation_of(std::string_view text) {
  const DashManifest manifest = manifest_of(text);
  return manifest.periods.empty() ? DashRepresentation{} : manifest.periods.front().adaptation_sets.front().representations.front();
}

TEST(ParseMpd, JoinsTheBaseUrlsBelowTheMpd) {
  const DashRepresentation video = representation_of(mpd(R"(<BaseURL>http://cdn.example/</BaseURL>
    <Period><BaseURL>p/</BaseURL><AdaptationSet mimeType="video/mp4"><BaseURL> a/ </BaseURL>
      <SegmentTemplate media="$Number$.m4s" initialization="/init.mp4" duration="2"/>
      <Representation id="v" bandwidth="1"><BaseURL>r/</BaseURL></Representation></AdaptationSet></Period>)"));
  EXPECT_THAT(video.base_urls, ElementsAre("p/a/r/"));
  EXPECT_EQ(video.segments.media, "$Number$.m4s");
}

TEST(ParseMpd, LetsAnAbsoluteBaseUrlReplaceTheOnesAbove) {
  const DashRepresentation video = representation_of(one_video(
      R"(<BaseURL>x/</BaseURL><SegmentTemplate media="../$Time$.m4s" duration="2"/>)", "<BaseURL>http://b.example/r/q/</BaseURL>"));
  EXPECT_THAT(video.base_urls, ElementsAre("http://b.example/r/q/"));
}

TEST(ParseMpd, KeepsEveryNestedAlternative) {
  const DashRepresentation video = representation_of(one_video(
      R"(<BaseURL>http://a.example/</BaseURL><BaseURL>http://b.example/x/</BaseURL><SegmentTemplate media="$Number$" duration="2"/>)",
      "<BaseURL>v/</BaseURL><BaseURL>/w/</BaseURL>"));
  EXPECT_THAT(video.base_urls, ElementsAre("http://a.example/v/", "http://b.example/x/v/", "http://a.example/w/", "http://b.example/w/"));
}

TEST(ParseMpd, KeepsAFewOfCountlessAlternatives) {
  std::string urls;
  for (int i = 0; i < 1000; ++i) urls += "<BaseURL>a/</BaseURL>";
  const std::string timing = R"(<SegmentTemplate media="$Number$" duration="2"/>)";
  EXPECT_EQ(representation_of(one_video(urls + timing, urls)).base_urls.size(), 8u);
}

TEST(ParseMpd, ReadsAnIndexedFile) {
  const DashRepresentation video = representation_of(one_video(R"(<SegmentBase timescale="90000"/>)", R"(<BaseURL>v.mp4</BaseURL>
    <SegmentBase indexRange="700-1899" presentationTimeOffset="9"><Initialization range="0-699"/></SegmentBase>)"));
  EXPECT_EQ(video.segments.index, (ByteRange{.offset = 700, .length = 1200}));
  EXPECT_EQ(video.segments.initialization_range, (ByteRange{.offset = 0, .length = 700}));
  EXPECT_EQ(video.segments.timescale, 90000);
  EXPECT_EQ(video.segments.presentation_time_offset, 9);
  EXPECT_THAT(video.base_urls, ElementsAre("v.mp4"));
}

TEST(ParseMpd, ReadsAListOfSegments) {
  const DashSegmentTemplate segments = template_of(one_video(R"(<SegmentList timescale="1000" duration="4000">
    <Initialization sourceURL="i.mp4"/><SegmentURL media="1.m4s"/><SegmentURL mediaRange="10-19"/></SegmentList>)"));
  EXPECT_EQ(segments.initialization, "i.mp4");
  EXPECT_EQ(segments.duration, 4000);
  EXPECT_THAT(segments.list, ElementsAre(DashSegmentUrl{.media = "1.m4s", .range = {}},
                                         DashSegmentUrl{.media = "", .range = ByteRange{.offset = 10, .length = 10}}));
}

TEST(ParseMpd, ReadsWhereUpdatesAre) {
  const std::string video = one_video(R"(<SegmentTemplate media="$Number$" duration="2"/>)");
  EXPECT_EQ(manifest_of(std::string{video}.insert(video.find("<Period>"), "<Location> http://b.example/m.mpd </Location>")).location,
            "http://b.example/m.mpd");
}

TEST(ParseMpd, ChainsPeriodsWithoutAStart) {
  const std::string body =
      R"(<AdaptationSet mimeType="audio/mp4"><SegmentTemplate media="$Number$" duration="2"/><Representation id="a" bandwidth="1"/></AdaptationSet>)";
  const DashManifest manifest = manifest_of(mpd(fmt::format(
      R"(<Period id="1" duration="PT10S">{0}</Period><Period id="2" duration="PT5.5S">{0}</Period><Period id="3">{0}</Period>)", body)));
  ASSERT_EQ(manifest.periods.size(), 3u);
  EXPECT_EQ(manifest.periods[0].start, 0s);
  EXPECT_EQ(manifest.periods[1].start, 10s);
  EXPECT_EQ(manifest.periods[2].start, 15500ms);
  EXPECT_FALSE(manifest.periods[2].duration);
}

TEST(ParseMpd, TakesTheContentTypeFromTheRepresentationsWhereTheSetHasNone) {
  const DashManifest manifest = manifest_of(mpd(
      R"(<Period><AdaptationSet><SegmentTemplate media="$Number$" duration="2"/><Representation id="a" bandwidth="1" mimeType="audio/mp4"/></AdaptationSet></Period>)"));
  EXPECT_EQ(manifest.periods.at(0).adaptation_sets.at(0).content_type, "audio");
  EXPECT_EQ(manifest.periods.at(0).adaptation_sets.at(0).mime_type, "audio/mp4");
}

TEST(ParseMpd, LeavesOutTrickPlayVideo) {
  const std::string body = R"(<SegmentTemplate media="$Number$" duration="2"/><Representation id="a" bandwidth="1"/>)";
  const DashManifest manifest = manifest_of(mpd(fmt::format(
      R"(<Period><AdaptationSet mimeType="video/mp4"><EssentialProperty schemeIdUri="http://dashif.org/guidelines/trickmode" value="1"/>{0}</AdaptationSet><AdaptationSet id="main" mimeType="video/mp4">{0}</AdaptationSet></Period>)",
      body)));
  ASSERT_EQ(manifest.periods.at(0).adaptation_sets.size(), 1u);
  EXPECT_EQ(manifest.periods[0].adaptation_sets[0].id, "main");
}

TEST(ParseMpd, TakesATimeWithoutAZoneForUtc) {
  const std::string text = R"(<MPD type="dynamic" availabilityStartTime="2026-01-02T03:04:05"><Period><AdaptationSet mimeType="video/mp4">
    <SegmentTemplate media="$Number$" duration="2"/><Representation id="v" bandwidth="1"/></AdaptationSet></Period></MPD>)";
  EXPECT_EQ(manifest_of(text).availability_start, *parse_utc("2026-01-02T03:04:05Z"));
}

TEST(ParseMpd, RefusesWhatItDoesNotSupportByName) {
  struct Row {
    std::string text;
    const char* message;
  };
  const std::string good = R"(<SegmentTemplate media="$Number$" duration="2"/>)";
  const Row rows[] = {
      {one_video(good, R"(<ContentProtection schemeIdUri="urn:mpeg:dash:mp4protection:2011"/>)"),
       "the stream is encrypted (MPD/Period[1]/AdaptationSet[1]/Representation[1]/ContentProtection[1]): not supported"},
      {mpd(R"(<Period xlink:href="http://ads.example/"/>)"),
       "part of the manifest lies elsewhere (MPD/Period[1]@xlink:href): not supported"},
      {one_video("", "<SegmentBase/>"), "SegmentBase@indexRange (MPD/Period[1]/AdaptationSet[1]/Representation[1]): not supported"},
      {one_video(""), "addressing without SegmentTemplate@media"},
      {one_video(R"(<SegmentBase><RepresentationIndex sourceURL="i"/></SegmentBase>)"), "RepresentationIndex[1]): not supported"},
  };
  for (const Row& row : rows) {
    EXPECT_THAT(mpd_error_of(row.text), HasSubstr(row.message));
    EXPECT_TRUE(is_unsupported(mpd_error_of(row.text)));
  }
}

TEST(ParseMpd, RefusesMalformedManifestsByElementAndAttribute) {
  struct Row {
    std::string text;
    const char* message;
  };
  const auto timeline = [](const char* entries) {
    return one_video(fmt::format("<SegmentTemplate media=\"$Time$\"><SegmentTimeline>{}</SegmentTimeline></SegmentTemplate>", entries));
  };
  const Row rows[] = {
      {"", "not well-formed XML"},
      {"<MPD>\n<Period>\n</MPD>", "line 3: not well-formed XML"},
      {"<html/>", "the root element is \"html\", not MPD"},
      {"<MPD/>", "MPD: has no Period"},
      {"<MPD type=\"live\"/>", "MPD@type"},
      {"<MPD type=\"dynamic\"/>", "MPD@availabilityStartTime: is missing"},
      {"<MPD minBufferTime=\"2s\"/>", "MPD@minBufferTime: \"2s\" is not a duration"},
      {mpd("<Period/>"), "Period[1]: has no AdaptationSet with audio or video"},
      {mpd("<Period><AdaptationSet/></Period>"), "has neither contentType nor mimeType"},
      {mpd("<Period><AdaptationSet mimeType=\"video/mp4\"/></Period>"), "AdaptationSet[1]: has no Representation"},
      {mpd("<Period><AdaptationSet mimeType=\"video/mp4\"><Representation bandwidth=\"1\"/></AdaptationSet></Period>"),
       "Representation[1]@id: is missing"},
      {mpd("<Period><AdaptationSet mimeType=\"video/mp4\"><Representation id=\"v\"/></AdaptationSet></Period>"),
       "Representation[1]@bandwidth"},
      {one_video(R"(<SegmentTemplate media="a"/>)"), "neither @duration nor a SegmentTimeline"},
      {one_video(R"(<SegmentBase indexRange="9-5"/>)"), "SegmentBase[1]@indexRange: \"9-5\" is not a byte range"},
      {one_video(R"(<SegmentBase indexRange="5"/>)"), "@indexRange: \"5\" is not a byte range"},
      {one_video(R"(<SegmentList duration="2"><SegmentURL/></SegmentList>)"), "SegmentURL[1]: has neither media nor mediaRange"},
      {one_video(R"(<SegmentTemplate media="a" duration="-2"/>)"), "@duration: \"-2\" is not a whole number"},
      {one_video(R"(<SegmentTemplate media="a" duration="2" timescale="0"/>)"), "@timescale"},
      {timeline(""), "SegmentTimeline[1]: has no S"},
      {timeline(R"(<S t="0"/>)"), "S[1]@d: must be a positive number"},
      {timeline(R"(<S d="2"/><S d="2" r="-1"/><S d="2"/>)"), "S[3]@t: is missing after an open-ended S"},
      {timeline(R"(<S t="9223372036854775807" d="2"/>)"), "reaches beyond any timeline"},
      {timeline(R"(<S d="2" r="200000"/>)"), "more than 200000 segments"},
      {timeline(R"(<S d="1" r="150000"/><S d="1" r="150000"/>)"), "more than 200000 segments"},
      {one_video(R"(<SegmentTemplate media="$Number$" duration="1" timescale="1000000"/>)"), "more than 200000 segments"},
  };
  for (const Row& row : rows) EXPECT_THAT(mpd_error_of(row.text), HasSubstr(row.message)) << row.text;
}

TEST(ParseMpd, RefusesATimelineInheritedByTooManyRepresentations) {
  std::string timeline, representations;
  for (int i = 0; i < 101; ++i) timeline += fmt::format("<S t=\"{}\" d=\"1\"/>", 2 * i);
  for (int i = 0; i < 9'999; ++i) representations += fmt::format("<Representation id=\"{}\" bandwidth=\"1\"/>", i);
  const std::string text = mpd(fmt::format(
      R"(<Period><AdaptationSet mimeType="video/mp4"><SegmentTemplate media="$Time$"><SegmentTimeline>{}</SegmentTimeline></SegmentTemplate>{}</AdaptationSet></Period>)",
      timeline, representations));
  EXPECT_THAT(mpd_error_of(text), HasSubstr("more than 1000000 timeline entries"));
}

TEST(ParseMpd, RefusesAnEndlessAttributeList) {
  std::string attributes;
  for (int i = 0; i < 100; ++i) attributes += fmt::format(" a{}=\"\"", i);
  EXPECT_THAT(mpd_error_of(mpd("<Period" + attributes + "/>")), HasSubstr("more than 64 attributes"));
}

TEST(ParseMpd, SurvivesATruncatedManifest) {
  for (std::size_t n = 0; n < kLiveSim.size(); ++n) EXPECT_FALSE(parse_mpd(std::string{kLiveSim.substr(0, n)}).has_value()) << n;
}

}  // namespace
}  // namespace media

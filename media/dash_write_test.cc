#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/random.h"
#include "media/dash.h"
#include "media/text_fields.h"

namespace media {
namespace {

using namespace base::literals;
using testing::HasSubstr;

std::int64_t below(base::Random& random, std::uint64_t n) { return static_cast<std::int64_t>(random.below(n)); }

std::string some_text(base::Random& random) {
  static constexpr std::string_view kLetters = "abXY09-_./&<>'\": ;%";
  std::string out = "t";
  for (std::uint64_t n = random.below(10); n > 0; --n) out += kLetters[random.below(kLetters.size())];
  return out + "t";
}

std::optional<base::Duration> maybe_duration(base::Random& random) {
  if (random.chance(0.4)) return std::nullopt;
  return base::Duration{below(random, 7'200'000'000'000)};
}

std::optional<base::UtcTime> some_time(base::Random& random) {
  return base::UtcTime{base::Duration{below(random, 2'000'000'000) * 1'000'000'007}};
}

DashSegmentTemplate some_template(base::Random& random) {
  DashSegmentTemplate out{.initialization = random.chance(0.8) ? "$RepresentationID$/init.mp4" : "",
                          .media = "$RepresentationID$/$Time%05d$.m4s",
                          .timescale = 1 + below(random, 90000),
                          .start_number = below(random, 1000),
                          .presentation_time_offset = below(random, 3)};
  if (random.chance(0.5)) return out.duration = 400'000'000 + below(random, 1000), out;
  std::int64_t start = below(random, 1000);
  for (std::uint64_t n = 1 + random.below(6); n > 0; --n) {
    const DashTimelineEntry entry{.start = start, .duration = 1 + below(random, 5), .repeat = below(random, 3)};
    start += entry.duration * (entry.repeat + 1) + (random.chance(0.3) ? below(random, 100) : 0);
    out.timeline.push_back(entry);
  }
  if (random.chance(0.3)) out.timeline.back().repeat = -1;
  return out;
}

std::optional<ByteRange> some_span(base::Random& random) {
  return ByteRange{.offset = below(random, 1000), .length = 1 + below(random, 1000)};
}

DashSegmentTemplate some_index(base::Random& random) {
  DashSegmentTemplate out{.initialization = random.chance(0.5) ? "init.mp4" : "",
                          .timescale = 1 + below(random, 90000),
                          .presentation_time_offset = below(random, 3)};
  out.index = some_span(random);
  if (random.chance(0.5)) out.initialization_range = some_span(random);
  return out;
}

DashSegmentTemplate some_list(base::Random& random) {
  DashSegmentTemplate out = some_template(random);
  out.media.clear();
  if (random.chance(0.5)) out.initialization_range = some_span(random);
  for (std::uint64_t n = 1 + random.below(4); n > 0; --n)
    out.list.push_back({.media = random.chance(0.8) ? some_text(random) : "", .range = some_span(random)});
  return out;
}

DashSegmentTemplate some_addressing(base::Random& random) {
  return random.chance(0.2) ? some_index(random) : random.chance(0.2) ? some_list(random) : some_template(random);
}

DashRepresentation some_representation(base::Random& random) {
  DashRepresentation out{.id = some_text(random),
                         .bandwidth = base::Bitrate::bits_per_second(1 + below(random, 1u << 30)),
                         .codecs = random.chance(0.5) ? "avc1.64001f" : "",
                         .width = static_cast<int>(random.below(2000)),
                         .height = static_cast<int>(random.below(2000)),
                         .frame_rate = random.chance(0.5) ? "30000/1001" : "",
                         .audio_sampling_rate = static_cast<int>(random.below(2)) * 48000,
                         .segments = some_addressing(random)};
  for (std::uint64_t n = random.below(3); n > 0; --n) out.base_urls.push_back(some_text(random));
  return out;
}

DashAdaptationSet some_set(base::Random& random) {
  DashAdaptationSet set{.id = random.chance(0.5) ? "1" : "",
                        .content_type = random.chance(0.5) ? "video" : "audio",
                        .mime_type = "video/mp4",
                        .language = random.chance(0.5) ? "en" : "",
                        .segment_alignment = random.chance(0.5),
                        .representations = {}};
  for (std::uint64_t n = 1 + random.below(3); n > 0; --n) set.representations.push_back(some_representation(random));
  if (random.chance(0.5))
    for (DashRepresentation& representation : set.representations) representation.segments = set.representations.front().segments;
  return set;
}

DashManifest some_manifest(base::Random& random) {
  DashManifest manifest{.dynamic = random.chance(0.5),
                        .profiles = "urn:mpeg:dash:profile:isoff-live:2011",
                        .duration = maybe_duration(random),
                        .min_buffer_time = 2s,
                        .availability_start = some_time(random),
                        .publish_time = some_time(random),
                        .minimum_update_period = maybe_duration(random),
                        .time_shift_buffer_depth = maybe_duration(random),
                        .suggested_presentation_delay = maybe_duration(random),
                        .utc_timings = {},
                        .location = random.chance(0.5) ? some_text(random) : "",
                        .base_urls = {},
                        .periods = {}};
  for (std::uint64_t n = random.below(3); n > 0; --n) manifest.base_urls.push_back(some_text(random));
  for (std::uint64_t n = random.below(3); n > 0; --n) manifest.utc_timings.push_back({some_text(random), some_text(random)});
  for (std::uint64_t n = 1 + random.below(3); n > 0; --n) {
    DashPeriod period{.id = some_text(random),
                      .start = base::Duration{below(random, 1u << 31)},
                      .duration = maybe_duration(random),
                      .adaptation_sets = {}};
    for (std::uint64_t m = 1 + random.below(2); m > 0; --m) period.adaptation_sets.push_back(some_set(random));
    manifest.periods.push_back(std::move(period));
  }
  return manifest;
}

TEST(WriteMpd, GivesBackAnyManifestWhenParsed) {
  base::Random random{4};
  for (int i = 0; i < 300; ++i) {
    const DashManifest manifest = some_manifest(random);
    const auto parsed = parse_mpd(write_mpd(manifest));
    ASSERT_TRUE(parsed.has_value()) << parsed.error().message << "\n" << write_mpd(manifest);
    ASSERT_EQ(*parsed, manifest) << write_mpd(manifest);
  }
}

DashManifest live_manifest() {
  const DashSegmentTemplate segments{
      .initialization = "$RepresentationID$/init.mp4",
      .media = "$RepresentationID$/$Number$.m4s",
      .timescale = 90000,
      .start_number = 7,
      .timeline = {{.start = 1'260'000, .duration = 180'000, .repeat = 4}, {.start = 2'160'000, .duration = 172'800}}};
  const auto rung = [&](const char* id, base::Bitrate bandwidth) {
    return DashRepresentation{
        .id = id, .bandwidth = bandwidth, .codecs = "avc1.64001f", .width = 1280, .height = 720, .frame_rate = "30", .segments = segments};
  };
  DashManifest manifest{
      .dynamic = true, .min_buffer_time = 2s, .availability_start = *parse_utc("2026-11-24T16:18:05.250Z"), .minimum_update_period = 2s};
  manifest.periods.push_back({.id = "0",
                              .adaptation_sets = {{.id = "v",
                                                   .content_type = "video",
                                                   .mime_type = "video/mp4",
                                                   .segment_alignment = true,
                                                   .representations = {rung("hi", 2_Mbps), rung("lo", 1_Mbps)}}}});
  return manifest;
}

TEST(WriteMpd, WritesASharedTemplateOnce) {
  const std::string text = write_mpd(live_manifest());
  EXPECT_EQ(text.find("<SegmentTemplate"), text.rfind("<SegmentTemplate"));
  EXPECT_LT(text.find("<SegmentTemplate"), text.find("<Representation"));
}

TEST(WriteMpd, WritesTimesOnlyWhereATimelineDoesNotContinue) {
  const std::string text = write_mpd(live_manifest());
  EXPECT_THAT(text, HasSubstr(R"(<S t="1260000" d="180000" r="4" />)"));
  EXPECT_THAT(text, HasSubstr(R"(<S d="172800" />)"));
}

TEST(WriteMpd, WritesTheHeadThatPlayersNeed) {
  const std::string text = write_mpd(live_manifest());
  for (const char* part : {R"(xmlns="urn:mpeg:dash:schema:mpd:2011")", R"(type="dynamic")", R"(minBufferTime="PT2S")",
                           R"(minimumUpdatePeriod="PT2S")", R"(availabilityStartTime="2026-11-24T16:18:05.250Z")", R"(start="PT0S")"})
    EXPECT_THAT(text, HasSubstr(part));
}

}  // namespace
}  // namespace media

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/random.h"
#include "media/hls.h"
#include "media/text_fields.h"

namespace media {
namespace {

using namespace base::literals;
using testing::HasSubstr;
using testing::Not;

std::string some_name(base::Random& random) {
  static constexpr std::string_view kLetters = "abcXYZ019-_./,=@: \xC3\xA9";
  std::string out = "n";
  for (std::uint64_t n = random.below(12); n > 0; --n) out += kLetters[random.below(kLetters.size())];
  return out + "n";
}

ByteRange some_range(base::Random& random) {
  return {.offset = static_cast<std::int64_t>(random.below(1u << 30)), .length = 1 + static_cast<std::int64_t>(random.below(1u << 30))};
}

HlsSegment some_segment(base::Random& random) {
  HlsSegment segment;
  segment.uri = some_name(random);
  segment.duration = base::Duration{static_cast<std::int64_t>(random.below(20'000'000'000))};
  if (random.chance(0.3)) segment.range = some_range(random);
  if (random.chance(0.3))
    segment.program_date_time = base::UtcTime{base::Duration{static_cast<std::int64_t>(random.below(2'000'000'000) * 1'000'000'001)}};
  segment.discontinuity = random.chance(0.2);
  segment.gap = random.chance(0.2);
  return segment;
}

HlsMediaPlaylist some_media_playlist(base::Random& random) {
  HlsMediaPlaylist playlist;
  playlist.version = 1 + static_cast<int>(random.below(12));
  playlist.target_duration = std::chrono::seconds{1 + random.below(20)};
  playlist.media_sequence = static_cast<std::int64_t>(random.below(1u << 31));
  playlist.discontinuity_sequence = static_cast<std::int64_t>(random.below(3));
  playlist.independent_segments = random.chance(0.5);
  playlist.ended = random.chance(0.5);
  playlist.playlist_type = std::array{"", "VOD", "EVENT"}[random.below(3)];
  playlist.can_block_reload = random.chance(0.5);
  if (random.chance(0.5)) playlist.hold_back = base::Duration{static_cast<std::int64_t>(random.below(60'000'000'000))};
  std::optional<HlsInit> init;
  for (std::uint64_t n = random.below(20); n > 0; --n) {
    if (random.chance(0.3))
      init = HlsInit{.uri = some_name(random), .range = random.chance(0.5) ? std::optional{some_range(random)} : std::nullopt};
    playlist.segments.push_back(some_segment(random));
    playlist.segments.back().init = init;
  }
  return playlist;
}

HlsVariant some_variant(base::Random& random) {
  HlsVariant variant;
  variant.uri = some_name(random);
  variant.bandwidth = base::Bitrate::bits_per_second(1 + static_cast<std::int64_t>(random.below(1u << 30)));
  if (random.chance(0.5)) variant.average_bandwidth = variant.bandwidth;
  if (random.chance(0.5)) variant.codecs = "avc1.64001f,mp4a.40.2";
  if (random.chance(0.5)) variant.width = 1280, variant.height = 720;
  if (random.chance(0.5)) variant.frame_rate = static_cast<double>(random.below(120'000)) / 1000;
  if (random.chance(0.5)) variant.audio_group = some_name(random);
  return variant;
}

HlsMultivariantPlaylist some_multivariant_playlist(base::Random& random) {
  HlsMultivariantPlaylist playlist;
  playlist.independent_segments = random.chance(0.5);
  for (std::uint64_t n = random.below(4); n > 0; --n)
    playlist.renditions.push_back({.type = "AUDIO",
                                   .group = some_name(random),
                                   .name = some_name(random),
                                   .language = random.chance(0.5) ? "en" : "",
                                   .uri = random.chance(0.5) ? some_name(random) : "",
                                   .channels = static_cast<int>(random.below(7)),
                                   .is_default = random.chance(0.5),
                                   .autoselect = random.chance(0.5)});
  for (std::uint64_t n = 1 + random.below(6); n > 0; --n) playlist.variants.push_back(some_variant(random));
  return playlist;
}

TEST(WriteHls, GivesBackAnyMediaPlaylistWhenParsed) {
  base::Random random{1};
  for (int i = 0; i < 500; ++i) {
    const HlsMediaPlaylist playlist = some_media_playlist(random);
    const auto parsed = parse_hls(write_hls(playlist));
    ASSERT_TRUE(parsed.has_value()) << parsed.error().message << "\n" << write_hls(playlist);
    ASSERT_EQ(std::get<HlsMediaPlaylist>(*parsed), playlist) << write_hls(playlist);
  }
}

TEST(WriteHls, GivesBackAnyMultivariantPlaylistWhenParsed) {
  base::Random random{2};
  for (int i = 0; i < 500; ++i) {
    const HlsMultivariantPlaylist playlist = some_multivariant_playlist(random);
    const auto parsed = parse_hls(write_hls(playlist));
    ASSERT_TRUE(parsed.has_value()) << parsed.error().message << "\n" << write_hls(playlist);
    ASSERT_EQ(std::get<HlsMultivariantPlaylist>(*parsed), playlist) << write_hls(playlist);
  }
}

TEST(WriteHls, WritesALivePlaylistAsPlayersExpectIt) {
  const HlsInit init{.uri = "init.mp4", .range = std::nullopt};
  HlsMediaPlaylist playlist{.target_duration = 2s, .media_sequence = 7, .hold_back = 6s};
  playlist.segments.push_back({.uri = "7.m4s", .duration = 2s, .program_date_time = *parse_utc("2026-11-24T16:18:04Z"), .init = init});
  playlist.segments.push_back({.uri = "8.m4s", .duration = 1920ms, .init = init, .gap = true});
  EXPECT_EQ(write_hls(playlist),
            "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:2\n#EXT-X-SERVER-CONTROL:HOLD-BACK=6.000\n#EXT-X-MEDIA-SEQUENCE:7\n"
            "#EXT-X-MAP:URI=\"init.mp4\"\n#EXT-X-PROGRAM-DATE-TIME:2026-11-24T16:18:04.000Z\n#EXTINF:2.000,\n7.m4s\n"
            "#EXT-X-GAP\n#EXTINF:1.920,\n8.m4s\n");
}

TEST(WriteHls, RoundsTheTargetDurationUpToWholeSeconds) {
  EXPECT_THAT(write_hls(HlsMediaPlaylist{.target_duration = 1920ms}), HasSubstr("#EXT-X-TARGETDURATION:2\n"));
}

TEST(WriteHls, KeepsAQuoteInANameFromEndingTheQuotedString) {
  HlsMultivariantPlaylist playlist;
  playlist.renditions.push_back({.type = "AUDIO", .group = "g", .name = "a\"\nURI=\"evil"});
  EXPECT_THAT(write_hls(playlist), Not(HasSubstr("URI=\"evil")));
}

}  // namespace
}  // namespace media

#include "media/hls_reload.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "base/random.h"

namespace media {
namespace {

using namespace base::literals;

using Texts = std::vector<std::string>;

std::string pick(base::Random& random, const Texts& of) { return of[random.below(of.size())]; }

// What a server writes of the segment of this number: the same each time.
Texts lines_of_segment(std::uint64_t seed, std::int64_t number) {
  base::Random random = base::Random::stream(seed, static_cast<std::uint64_t>(number));
  Texts lines;
  if (random.chance(0.1)) lines.emplace_back("#EXT-X-DISCONTINUITY");
  if (random.chance(0.1)) lines.push_back(fmt::format("#EXT-X-MAP:URI=\"i{}.mp4\"", random.below(3)));
  if (random.chance(0.1)) lines.emplace_back("#EXT-X-MAP:URI=\"i.mp4\",BYTERANGE=\"10@5\"");
  if (random.chance(0.4)) lines.push_back(fmt::format("#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:{:02}:00Z", number % 60));
  if (random.chance(0.1)) lines.emplace_back("#EXT-X-GAP");
  if (random.chance(0.2)) lines.emplace_back("#EXT-X-KEY:METHOD=NONE");
  if (random.chance(0.2)) lines.emplace_back("# a remark");
  if (random.chance(0.1)) lines.emplace_back("");
  const bool in_a_file = random.chance(0.3);
  if (in_a_file) lines.push_back(random.chance(0.5) ? "#EXT-X-BYTERANGE:100" : fmt::format("#EXT-X-BYTERANGE:100@{}", 100 * number));
  lines.push_back(fmt::format("#EXTINF:{},", random.chance(0.8) ? "2" : "1.5"));
  lines.push_back(in_a_file ? "file.mp4" : fmt::format("{}.m4s", number));
  if (random.chance(0.1)) lines.back() += '\r';
  return lines;
}

struct Window {
  std::uint64_t seed;
  std::int64_t first, count;
};

Texts lines_of(const Window& window, base::Random& random) {
  Texts lines{"#EXTM3U", "#EXT-X-TARGETDURATION:2"};
  if (random.chance(0.2))
    lines.emplace_back(random.chance(0.5) ? "#EXT-X-SERVER-CONTROL:HOLD-BACK=6" : "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES");
  if (random.chance(0.9)) lines.push_back(fmt::format("#EXT-X-MEDIA-SEQUENCE:{}", window.first));
  if (random.chance(0.2)) lines.emplace_back("#EXT-X-VERSION:6");
  if (random.chance(0.5)) lines.emplace_back("#EXT-X-MAP:URI=\"i.mp4\"");
  for (std::int64_t n = window.first; n < window.first + window.count; ++n)
    for (std::string& line : lines_of_segment(window.seed, n)) lines.push_back(std::move(line));
  if (random.chance(0.05)) lines.emplace_back("#EXT-X-ENDLIST");
  return lines;
}

const Texts& odd_lines() {
  static const Texts all{"#EXTINF:2,",
                         "#EXTINF:x",
                         "#EXT-X-ENDLIST",
                         "#EXT-X-MEDIA-SEQUENCE:7",
                         "#EXT-X-TARGETDURATION:3",
                         "#EXT-X-BYTERANGE:5",
                         "#EXT-X-MAP:URI=",
                         "#EXT-X-STREAM-INF:BANDWIDTH=1",
                         "#EXT-X-SESSION-KEY:METHOD=NONE",
                         "#EXT-X-KEY:METHOD=AES-128",
                         "other.m4s",
                         "#EXT-X-SKIP:",
                         "#EXT-X-PROGRAM-DATE-TIME:yesterday",
                         "#EXT-X-PLAYLIST-TYPE:EVENT",
                         "#EXT-X-DISCONTINUITY-SEQUENCE:4",
                         "\xEF\xBB\xBF#EXTM3U",
                         "#EXT-X-MAP:URI=\"j.mp4\"",
                         "#EXT-X-SERVER-CONTROL:HOLD-BACK=6",
                         "#EXT-X-INDEPENDENT-SEGMENTS",
                         "#EXTM3U"};
  return all;
}

void spoil(Texts& lines, base::Random& random) {
  const auto at = lines.begin() + static_cast<std::ptrdiff_t>(random.below(lines.size()));
  switch (random.below(3)) {
    case 0:
      lines.erase(at);
      return;
    case 1:
      lines.insert(at, pick(random, odd_lines()));
      return;
    default:
      std::iter_swap(at, lines.begin() + static_cast<std::ptrdiff_t>(random.below(lines.size())));
  }
}

std::string some_text(const Window& window, base::Random& random) {
  Texts lines = lines_of(window, random);
  while (random.chance(0.15)) spoil(lines, random);
  std::string text = fmt::format("{}\n", fmt::join(lines, "\n"));
  if (random.chance(0.1)) text.resize(text.size() - 1 - random.below(std::min<std::size_t>(text.size() - 1, 12)));
  return text;
}

void move_on(Window& window, base::Random& random) {
  window.first = std::max<std::int64_t>(0, window.first + static_cast<std::int64_t>(random.below(4)) - (random.chance(0.2) ? 3 : 0));
  window.count = static_cast<std::int64_t>(random.below(12));
  if (random.chance(0.02)) ++window.seed;
}

void expect_as_parsed(const std::string& text, const base::Result<HlsReading>& reading) {
  const auto parsed = parse_hls(text);
  const auto* media = parsed.has_value() ? std::get_if<HlsMediaPlaylist>(&*parsed) : nullptr;
  ASSERT_EQ(reading.has_value(), media != nullptr) << text;
  if (reading.has_value()) {
    EXPECT_EQ(reading->playlist, *media) << text;
    EXPECT_TRUE(*reading == *read_hls(text, nullptr)) << text;
  } else if (!parsed.has_value()) {
    EXPECT_EQ(reading.error().message, parsed.error().message) << text;
  }
}

TEST(HlsReload, ReadsWhateverFollowsAsIfItWereTheFirst) {
  base::Random random{26};
  Window window{.seed = 1, .first = 0, .count = 8};
  base::Result<HlsReading> before = base::error("none yet");
  int sound = 0;
  for (int i = 0; i < 20'000 && !HasFailure(); ++i) {
    const std::string text = some_text(window, random);
    base::Result<HlsReading> reading = read_hls(text, before.has_value() ? &*before : nullptr);
    expect_as_parsed(text, reading);
    sound += reading.has_value() ? 1 : 0;
    if (reading.has_value()) before = std::move(reading);
    move_on(window, random);
  }
  EXPECT_GT(sound, 8'000);
}

std::string plain_text(std::int64_t first, std::int64_t end) {
  std::string text = fmt::format("#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:{}\n#EXT-X-MAP:URI=\"i.mp4\"\n", first);
  for (std::int64_t n = first; n < end; ++n) text += fmt::format("#EXTINF:2,\n{}.m4s\n", n);
  return text;
}

TEST(HlsReload, TakesOverWhatStoodInTheOneBefore) {
  HlsReading before = *read_hls(plain_text(5, 15), nullptr);
  before.playlist.target_duration = 98s;  // to be known again
  for (HlsSegment& segment : before.playlist.segments) segment.duration = 99s;
  const HlsReading after = *read_hls(plain_text(7, 17), &before);
  ASSERT_EQ(after.playlist.segments.size(), 10u);
  const auto taken = [](const HlsSegment& segment) { return segment.duration == 99s; };
  EXPECT_EQ(std::count_if(after.playlist.segments.begin(), after.playlist.segments.end(), taken), 8) << "all but two new ones";
  EXPECT_EQ(after.playlist.target_duration, base::Duration{98s});
  EXPECT_EQ(after.playlist.media_sequence, 7);
}

TEST(HlsReload, AHeadThatSaysMoreIsReadAnew) {
  HlsReading before = *read_hls(plain_text(5, 15), nullptr);
  before.playlist.target_duration = 98s;  // to be known again
  std::string text = plain_text(7, 17);
  text.insert(text.find("#EXT-X-MAP"), "#EXT-X-INDEPENDENT-SEGMENTS\n");
  const HlsReading after = *read_hls(text, &before);
  EXPECT_EQ(after.playlist.target_duration, base::Duration{2s});
  EXPECT_TRUE(after.playlist.independent_segments);
}

TEST(HlsReload, WhatEndsAPlaylistIsNoneOfItsHead) {
  const HlsReading before = *read_hls(plain_text(5, 15) + "#EXT-X-ENDLIST\n", nullptr);
  EXPECT_FALSE(read_hls(plain_text(7, 17), &before)->playlist.ended);
}

TEST(HlsReload, ALineThatGoesOnIsAnother) {
  const std::string text = plain_text(5, 8);
  const HlsReading before = *read_hls(text.substr(0, text.size() - 1), nullptr);
  EXPECT_EQ(read_hls(text.substr(0, text.size() - 1) + "x\n", &before)->playlist.segments.back().uri, "7.m4sx");
}

TEST(HlsReload, TheMapInForceIsThatOfItsOwnPlaylist) {
  const HlsReading before = *read_hls(plain_text(5, 15), nullptr);
  std::string text = plain_text(7, 17);
  text.replace(text.find("i.mp4"), 5, "j.mp4");
  for (const HlsSegment& segment : read_hls(text, &before)->playlist.segments) EXPECT_EQ(segment.init->uri, "j.mp4");
}

TEST(HlsReload, RefusesAMultivariantPlaylist) {
  const auto reading = read_hls(std::string{"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n1.m3u8\n"}, nullptr);
  EXPECT_EQ(reading.error().message, "a media playlist was expected, a multivariant playlist came");
}

}  // namespace
}  // namespace media

#include "media/mpd_reload.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "base/random.h"

namespace media {
namespace {

using namespace base::literals;

std::string entries(std::int64_t first, base::Random& random) {
  std::string text = fmt::format("<S t=\"{}\" d=\"2\" r=\"{}\"/>", 2 * first, random.below(6));
  for (std::uint64_t n = random.below(4); n > 0; --n) {
    if (random.chance(0.3)) text += "\n ";
    text += random.chance(0.7) ? fmt::format("<S d=\"{}\"/>", 1 + random.below(3))
                               : fmt::format("<S t=\"{}\" d=\"1\" />", 2 * first + 100 * static_cast<std::int64_t>(4 - n));
  }
  if (random.chance(0.1)) text += "<S d=\"3\" r=\"-1\"/>";
  return text;
}

std::string segments(std::int64_t first, base::Random& random) {
  return fmt::format("<SegmentTemplate media=\"$Time$\" timescale=\"1\"><SegmentTimeline>{}</SegmentTimeline></SegmentTemplate>",
                     entries(first, random));
}

// A live stream whose elements stay the same for a `seed`, from `first` on.
std::string some_text(std::uint64_t seed, std::int64_t first, base::Random& now) {
  base::Random random{seed};
  std::string text = random.chance(0.5) ? "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" : "";
  text += "<MPD type=\"dynamic\" availabilityStartTime=\"2026-01-01T00:00:00Z\" ";
  const std::string published = fmt::format("publishTime=\"2026-01-01T00:{:02}:{:02}Z\"", first / 60 % 60, first % 60);
  if (random.chance(0.2)) text += fmt::format("profiles='a {}' ", published);
  if (random.chance(0.7)) text += published + " ";
  text += "minimumUpdatePeriod=\"PT2S\">";
  if (random.chance(0.2)) text += fmt::format("<ServiceDescription {} schemeIdUri=\"a\"/>", published);
  if (random.chance(0.2)) text += fmt::format("<UTCTiming {} schemeIdUri=\"a\" value=\"b\"/>", published);
  text += "<Period id=\"a&amp;b\">";
  const bool above = random.chance(0.2);
  if (above) text += segments(first, now);
  for (std::uint64_t set = 0; set < 1 + random.below(3); ++set) {
    text += fmt::format("<AdaptationSet mimeType=\"{}/mp4\">", std::array{"video", "audio", "text"}[random.below(3)]);
    const bool shared = random.chance(0.6);
    if (shared) text += segments(first, now);
    if (random.chance(0.1)) text += "<!-- <SegmentTimeline><S d=\"1\"/></SegmentTimeline> -->";
    for (std::uint64_t i = 0; i < 1 + random.below(3); ++i) {
      text += fmt::format("<Representation id=\"{}\" bandwidth=\"{}\">", i, 1000 + i);
      if (!(shared || above) || random.chance(0.1)) text += segments(first, now);
      if (random.chance(0.1)) text += "<SegmentTemplate duration=\"2\"/>";
      text += "</Representation>";
    }
    text += "</AdaptationSet>";
  }
  return text + "</Period></MPD>";
}

void spoil(std::string& text, base::Random& random) {
  static constexpr std::array kOdd{"<S d=\"0\"/>",
                                   "<S/>",
                                   "\"",
                                   "<",
                                   ">",
                                   "x",
                                   "-",
                                   "<SegmentTimeline>",
                                   "</SegmentTimeline>",
                                   "<!--",
                                   " t=\"1\"",
                                   "9999999999999999999",
                                   "&#49;",
                                   "<S t='4' d='2'/>",
                                   " "};
  const std::size_t at = random.below(text.size());
  if (random.chance(0.5)) {
    text.insert(at, kOdd[random.below(kOdd.size())]);
  } else {
    text.erase(at, 1 + random.below(8));
  }
}

void expect_as_parsed(const std::string& text, const base::Result<MpdReading>& reading) {
  const auto parsed = parse_mpd(text);
  ASSERT_EQ(reading.has_value(), parsed.has_value()) << text;
  if (reading.has_value()) {
    EXPECT_TRUE(reading->manifest == *parsed) << text;
  } else {
    EXPECT_EQ(reading.error().message, parsed.error().message) << text;
  }
}

TEST(MpdReload, ReadsWhateverFollowsAsIfItWereTheFirst) {
  base::Random random{27};
  std::uint64_t seed = 1;
  std::int64_t first = 0;
  base::Result<MpdReading> before = base::error("none yet");
  int sound = 0;
  for (int i = 0; i < 20'000 && !HasFailure(); ++i) {
    std::string text = some_text(seed, first, random);
    while (random.chance(0.2)) spoil(text, random);
    base::Result<MpdReading> reading = read_mpd(text, before.has_value() ? &*before : nullptr);
    expect_as_parsed(text, reading);
    sound += reading.has_value() ? 1 : 0;
    if (reading.has_value()) before = std::move(reading);
    first = std::max<std::int64_t>(0, first + static_cast<std::int64_t>(random.below(4)) - 1);
    if (random.chance(0.1)) ++seed;
  }
  EXPECT_GT(sound, 8'000);
}

std::string plain_text(std::int64_t first) {
  base::Random random{1};
  return fmt::format(
      "<MPD type=\"dynamic\" availabilityStartTime=\"2026-01-01T00:00:00Z\" publishTime=\"2026-01-01T00:00:{:02}Z\"><Period>"
      "<AdaptationSet mimeType=\"video/mp4\">{}<Representation id=\"a\" bandwidth=\"1000\"/></AdaptationSet></Period></MPD>",
      first, segments(first, random));
}

TEST(MpdReload, ReadsNothingButWhatHasChanged) {
  MpdReading before = *read_mpd(plain_text(5), nullptr);
  before.manifest.profiles = "to be known again";
  const MpdReading after = *read_mpd(plain_text(7), &before);
  EXPECT_EQ(after.manifest.profiles, "to be known again");
  EXPECT_EQ(after.manifest.periods[0].adaptation_sets[0].representations[0].segments.timeline.front().start, 14);
  EXPECT_EQ(*after.manifest.publish_time, *before.manifest.publish_time + 2s);
}

TEST(MpdReload, ReadsAnotherOneAsAWhole) {
  const MpdReading before = *read_mpd(plain_text(5), nullptr);
  std::string text = plain_text(7);
  text.replace(text.find("\"a\""), 3, "\"b\"");
  EXPECT_EQ(read_mpd(text, &before)->manifest.periods[0].adaptation_sets[0].representations[0].id, "b");
}

}  // namespace
}  // namespace media

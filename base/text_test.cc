#include "base/text.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace base {
namespace {

using namespace literals;

TEST(ParseDuration, ReadsUnitsAndSums) {
  EXPECT_EQ(*parse_duration("90s"), 90s);
  EXPECT_EQ(*parse_duration("1m30s"), 90s);
  EXPECT_EQ(*parse_duration("1h"), 1h);
  EXPECT_EQ(*parse_duration("250ms"), 250ms);
  EXPECT_EQ(*parse_duration("40us"), 40us);
  EXPECT_EQ(*parse_duration("0.5s"), 500ms);
  EXPECT_EQ(*parse_duration("0s"), 0s);
}

TEST(ParseDuration, RefusesWhatIsNoDuration) {
  for (const char* text : {"", "5", "s", "-5s", "5 s", "5x", "1m30", "1e3s", "nans", "infs", "+5s", "300000000h", "5s "})
    EXPECT_FALSE(parse_duration(text).has_value()) << text;
}

TEST(ParseDuration, ShowsTheTextAndTheFormInItsError) {
  EXPECT_EQ(parse_duration("5x").error().message, "\"5x\" is not a duration; write it like \"90s\", \"1m30s\" or \"250ms\"");
}

TEST(ParseBitrate, ReadsThousandsBasedUnits) {
  EXPECT_EQ(*parse_bitrate("800kbit"), 800_kbps);
  EXPECT_EQ(*parse_bitrate("2.5mbit"), 2500_kbps);
  EXPECT_EQ(*parse_bitrate("1gbit"), 1000_Mbps);
  EXPECT_EQ(*parse_bitrate("64000bit"), 64_kbps);
}

TEST(ParseBitrate, RefusesWhatIsNoRate) {
  for (const char* text : {"", "800", "800kb", "800 kbit", "-1bit", "nanbit", "infbit", "99999999999gbit"})
    EXPECT_FALSE(parse_bitrate(text).has_value()) << text;
}

TEST(ParseSize, ReadsBothBases) {
  EXPECT_EQ(*parse_size("1500"), 1500_B);
  EXPECT_EQ(*parse_size("64KiB"), 64_KiB);
  EXPECT_EQ(*parse_size("4MiB"), 4096_KiB);
  EXPECT_EQ(*parse_size("64kB"), 64000_B);
  EXPECT_EQ(*parse_size("1MB"), 1000000_B);
  EXPECT_EQ(*parse_size("1.5GB"), 1500000000_B);
  EXPECT_EQ(*parse_size("2TB"), 2000000000000_B);
}

TEST(ParseSize, RefusesWhatIsNoSize) {
  for (const char* text : {"", "KiB", "64kib", "-1", "1 KiB", "nan", "99999999999GiB"}) EXPECT_FALSE(parse_size(text).has_value()) << text;
}

TEST(ToText, WritesWhatTheParsersRead) {
  for (const Duration duration :
       {Duration{0s}, Duration{40us}, Duration{250ms}, Duration{2500ms}, Duration{90s}, Duration{1h}, Duration{25h + 61s + 500ms}})
    EXPECT_EQ(*parse_duration(to_text(duration)), duration) << to_text(duration);
  for (const Bitrate rate : {500_kbps, 2500_kbps, 1000_Mbps, Bitrate::bits_per_second(1)}) EXPECT_EQ(*parse_bitrate(to_text(rate)), rate);
  for (const ByteCount size : {0_B, 1500_B, 64_KiB, 4096_KiB}) EXPECT_EQ(*parse_size(to_text(size)), size);
}

TEST(ToText, IsShort) {
  EXPECT_EQ(to_text(Duration{90s}), "1m30s");
  EXPECT_EQ(to_text(Duration{3600s}), "1h");
  EXPECT_EQ(to_text(Duration{2500ms}), "2.5s");
  EXPECT_EQ(to_text(Duration{40ms}), "40ms");
  EXPECT_EQ(to_text(2500_kbps), "2.5mbit");
  EXPECT_EQ(to_text(64_KiB), "64KiB");
}

TEST(ToText, NeverWritesSixtySeconds) { EXPECT_EQ(to_text(Duration{119'999'999'999ns}), "2m"); }

TEST(ParseIso8601, ReadsFractionsAndOffsets) {
  const UtcTime expected = UtcTime{1'795'537'085s} + 250ms;
  for (const char* text :
       {"2026-11-24T16:18:05.250Z", "2026-11-24T16:18:05.25Z", "2026-11-24T16:18:05.250000000Z", "2026-11-24T17:18:05.250+01:00",
        "2026-11-24T17:18:05.250+0100", "2026-11-24T17:18:05.250+01", "2026-11-24T10:48:05.250-05:30"}) {
    const auto time = parse_iso8601(text);
    ASSERT_TRUE(time.has_value()) << text;
    EXPECT_EQ(*time, expected) << text;
  }
}

TEST(ParseIso8601, RefusesImpossibleDatesAndStrayText) {
  for (const char* text :
       {"", "2026-11-24", "2026-11-24T16:18:05", "2026-02-30T16:18:05Z", "2026-11-24T24:00:00Z", "2026-11-24T16:60:00Z",
        "2026-11-24T16:18:61Z", "2026-11-24T16:18:nanZ", "2026- 1-24T16:18:05Z", "2026-11-24T16:18:05Zx", "2026-11-24T16:18:05+1",
        "2026-11-24T16:18:05+01:0x", "2026-11-24T16:18:05*01:00", "26-11-24T16:18:05Z", "1969-12-31T23:59:59Z"})
    EXPECT_FALSE(parse_iso8601(text).has_value()) << text;
}

TEST(ToIso8601, WritesMilliseconds) {
  EXPECT_EQ(to_iso8601(UtcTime{1'795'537'085s} + 250ms), "2026-11-24T16:18:05.250Z");
  EXPECT_EQ(to_iso8601(UtcTime{}), "1970-01-01T00:00:00.000Z");
}

TEST(ToIso8601, WritesInstantsBefore1970) { EXPECT_EQ(to_iso8601(UtcTime{-1ms}), "1969-12-31T23:59:59.999Z"); }

TEST(HttpDate, IsReadAsItIsWritten) {
  for (const std::int64_t seconds : {0LL, 784111777LL, 951782399LL, 951782400LL, 4107542400LL, 8583926399LL}) {
    const std::chrono::sys_seconds time{std::chrono::seconds{seconds}};
    EXPECT_EQ(parse_imf_fixdate(to_http_date(time)), time) << seconds;
  }
  EXPECT_EQ(parse_imf_fixdate("Sun, 31 Apr 2026 00:00:60 GMT"), parse_imf_fixdate("Fri, 01 May 2026 00:01:00 GMT"));
  for (const char* text : {"", "Sun, 06 Nov 1994 08:49:37", "Sun, 6 Nov 1994 08:49:37 GMT", "sun, 06 Nov 1994 08:49:37 GMT",
                           "Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 00 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:49:37 GMT",
                           "Sun, 06 Nov 1994 08:49:37 GMT ", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"})
    EXPECT_FALSE(parse_imf_fixdate(text)) << text;
}

TEST(HttpDate, IsWritten) { EXPECT_EQ(to_http_date(UtcTime{std::chrono::seconds{784111777}}), "Sun, 06 Nov 1994 08:49:37 GMT"); }

TEST(Abbreviated, HasThreeDigits) {
  for (const auto& [count, text] : {std::pair{0., "0"},
                                    {7.4, "7"},
                                    {412., "412"},
                                    {999.4, "999"},
                                    {999.5, "1.00k"},
                                    {1234., "1.23k"},
                                    {41'234., "41.2k"},
                                    {412'345., "412k"},
                                    {2'412'345., "2.41M"},
                                    {3.6e9, "3.60G"},
                                    {12e12, "12000G"}})
    EXPECT_EQ(abbreviated(count), text) << count;
}

}  // namespace
}  // namespace base

#include <gtest/gtest.h>

#include "base/random.h"
#include "media/dash.h"

namespace media {
namespace {

using namespace base::literals;

TEST(Iso8601Duration, ReadsTheFormsThatPackagersWrite) {
  struct Row {
    const char* text;
    base::Duration duration;
  };
  const Row rows[] = {
      {"PT0S", 0s},
      {"PT2S", 2s},
      {"PT1M30.5S", 90500ms},
      {"PT0H10M34.53S", 634530ms},
      {"P1DT2H", 26h},
      {"P2D", 48h},
      {"P1W", 168h},
      {"P0Y0M0DT0H3M30.000S", 210s},
      {"PT90M", 90min},
      {"PT0.000000001S", 1ns},
      {"PT1735689600S", 1735689600s},
  };
  for (const Row& row : rows) {
    const auto duration = parse_iso8601_duration(row.text);
    ASSERT_TRUE(duration.has_value()) << row.text << ": " << duration.error().message;
    EXPECT_EQ(*duration, row.duration) << row.text;
  }
}

TEST(Iso8601Duration, RefusesWhatHasNoFixedLengthOrIsMalformed) {
  for (const char* text : {"", "P", "PT", "P1DT", "1S", "PT1", "PT1X", "PTS", "PT-1S", "-PT1S", "P1Y", "P1M", "PT1S2M", "PT1.5H", "PT1ST1S",
                           "PT1S ", "PT1..5S", "PT99999999999999999999S", "P99999999D"})
    EXPECT_FALSE(parse_iso8601_duration(text).has_value()) << text;
}

TEST(Iso8601Duration, GivesBackAnyDurationWhenParsed) {
  base::Random random{3};
  for (int i = 0; i < 1000; ++i) {
    const base::Duration duration{static_cast<std::int64_t>(random.next() >> (1 + random.below(60)))};
    if (duration > std::chrono::hours{2'000'000}) continue;
    const auto parsed = parse_iso8601_duration(to_iso8601_duration(duration));
    ASSERT_TRUE(parsed.has_value()) << to_iso8601_duration(duration);
    EXPECT_EQ(*parsed, duration) << to_iso8601_duration(duration);
  }
}

TEST(Iso8601Duration, IsWrittenWithoutEmptyParts) {
  EXPECT_EQ(to_iso8601_duration(0s), "PT0S");
  EXPECT_EQ(to_iso8601_duration(2s), "PT2S");
  EXPECT_EQ(to_iso8601_duration(3600s), "PT1H");
  EXPECT_EQ(to_iso8601_duration(90500ms), "PT1M30.5S");
}

}  // namespace
}  // namespace media

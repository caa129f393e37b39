#include "harness/transport/cache_fields.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <ctime>
#include <utility>
#include <vector>

#include "base/random.h"
#include "base/text.h"

namespace harness {
namespace {

using namespace base::literals;

using Lines = std::vector<std::pair<const char*, const char*>>;

CacheFields fields_of(const Lines& lines) {
  CacheFields fields;
  for (const auto& [name, value] : lines) note_field(fields, name, value);
  return fields;
}

constexpr const char* kNow = "Sun, 06 Nov 1994 08:49:37 GMT";
const base::UtcTime kReceived = *parse_http_date(kNow);

struct FreshnessRow {
  const char* section;  // of RFC 9111
  Lines lines;
  base::Duration fresh;
};

// Received at once and at the instant that Date says, unless the row says otherwise.
const FreshnessRow kFreshness[] = {
    {"5.2.2.1 max-age", {{"Cache-Control", "max-age=60"}}, 60s},
    {"5.2 directives in any case and among others", {{"CACHE-CONTROL", "public, Max-Age=60,immutable"}}, 60s},
    {"5.2 several fields are one list", {{"Cache-Control", "public"}, {"Cache-Control", "max-age=60"}}, 60s},
    {"4.2.1 max-age goes before Expires", {{"Cache-Control", "max-age=60"}, {"Expires", "Thu, 01 Jan 1970 00:00:00 GMT"}}, 60s},
    {"4.2.1 of two max-age the first", {{"Cache-Control", "max-age=60, max-age=600"}}, 60s},
    {"4.2.1 a max-age that is no number says nothing", {{"Cache-Control", "max-age=abc"}}, 0s},
    {"1.2.2 a number too large is 2^31", {{"Cache-Control", "max-age=99999999999999999999"}}, 2147483648s},
    {"5.3 Expires, less Date", {{"Date", kNow}, {"Expires", "Sun, 06 Nov 1994 08:50:37 GMT"}}, 60s},
    {"5.3 Expires without a Date", {{"Expires", "Sun, 06 Nov 1994 08:50:37 GMT"}}, 60s},
    {"5.3 an Expires that is no date is past", {{"Expires", "0"}, {"Last-Modified", "Sat, 05 Nov 1994 08:49:37 GMT"}}, 0s},
    {"4.2.2 a tenth of the time since Last-Modified", {{"Date", kNow}, {"Last-Modified", "Sun, 06 Nov 1994 08:39:37 GMT"}}, 60s},
    {"4.2.2 not where it must be revalidated",
     {{"Cache-Control", "must-revalidate"}, {"Date", kNow}, {"Last-Modified", "Sun, 06 Nov 1994 08:39:37 GMT"}},
     0s},
    {"4.2.2 not from the future", {{"Date", kNow}, {"Last-Modified", "Sun, 06 Nov 1994 08:59:37 GMT"}}, 0s},
    {"4.2.2 nothing is said", {{"Date", kNow}}, 0s},
    {"5.2.2.2 must-revalidate leaves max-age alone", {{"Cache-Control", "max-age=60, must-revalidate"}}, 60s},
    {"5.2.2.4 no-cache", {{"Cache-Control", "no-cache, max-age=60"}}, 0s},
    {"5.2.2.4 no-cache of one field", {{"Cache-Control", "no-cache=\"set-cookie, x\", max-age=60"}}, 60s},
    {"5.2.2.5 no-store", {{"Cache-Control", "no-store, max-age=60"}}, 0s},
    {"5.2.2.7 private is a browser's business", {{"Cache-Control", "private, max-age=60"}}, 60s},
    {"5.2.2.10 s-maxage is for shared caches", {{"Cache-Control", "s-maxage=600, max-age=60"}}, 60s},
    {"5.4 Pragma", {{"Pragma", "no-cache"}, {"Cache-Control", "max-age=60"}}, 0s},
    {"4.2.3 less the age that caches on the way gave it", {{"Cache-Control", "max-age=60"}, {"Age", "20"}}, 40s},
    {"4.2.3 less the time since Date", {{"Cache-Control", "max-age=60"}, {"Date", "Sun, 06 Nov 1994 08:49:27 GMT"}}, 50s},
    {"4.2.3 the larger of the two", {{"Cache-Control", "max-age=60"}, {"Age", "20"}, {"Date", "Sun, 06 Nov 1994 08:49:27 GMT"}}, 40s},
    {"4.2.3 a Date in the future is of now", {{"Cache-Control", "max-age=60"}, {"Date", "Sun, 06 Nov 1994 09:49:37 GMT"}}, 60s},
    {"4.2.3 older than it may be", {{"Cache-Control", "max-age=60"}, {"Age", "90"}}, 0s},
    {"5.1 of several ages the first", {{"Cache-Control", "max-age=60"}, {"Age", "10, 50"}}, 50s},
    {"5.1 an age that is no number says nothing", {{"Cache-Control", "max-age=60"}, {"Age", "-5"}}, 60s},
};

TEST(CacheFields, FreshnessFollowsRfc9111) {
  for (const FreshnessRow& row : kFreshness) EXPECT_EQ(fresh_for(fields_of(row.lines), kReceived, 0s), row.fresh) << row.section;
}

// Section 4.2.3: response_delay.
TEST(CacheFields, TheWayOfTheAnswerCountsAsAge) {
  EXPECT_EQ(fresh_for(fields_of({{"Cache-Control", "max-age=60"}, {"Age", "20"}}), kReceived, 500ms), 39'500ms);
}

// RFC 9110, 5.6.7.
TEST(CacheFields, ReadsTheThreeFormsOfADate) {
  const base::UtcTime expected{784'111'777s};
  for (const char* text : {"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"})
    EXPECT_EQ(parse_http_date(text), expected) << text;
  for (const char* text : {"", "0", "-1", "tomorrow", "1994-11-06T08:49:37Z", "Sun, 06 Nov 1994 08:49:37 GMT x"})
    EXPECT_EQ(parse_http_date(text), std::nullopt) << text;
}

// The form that all servers send is read by hand: as the C library reads it, whatever stands in its fields.
TEST(CacheFields, ReadsTheUsualFormAsTheCLibraryDoes) {
  base::Random random{7};
  const auto pick = [&random](std::string_view words, std::size_t length) {
    return std::string{words.substr(random.below(words.size() / length) * length, length)};
  };
  int read = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string text = fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", pick("SunMonTueWedThuFriSatXyz", 3), random.below(33),
                                   pick("JanFebMarAprMayJunJulAugSepOctNovDecXyz", 3), 1969 + random.below(200), random.below(25),
                                   random.below(61), random.below(62));
    if (random.below(4) == 0) text[random.below(text.size())] = " ,:0aG"[random.below(6)];
    std::tm fields{};
    const char* end = strptime(text.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &fields);
    const bool valid = end != nullptr && *end == '\0';
    const auto got = parse_http_date(text);
    ASSERT_EQ(got.has_value(), valid) << text;
    if (!valid) continue;
    ASSERT_EQ(*got, base::UtcTime{std::chrono::seconds{std::max<std::int64_t>(timegm(&fields), 0)}}) << text;
    ++read;
  }
  EXPECT_GT(read, 5'000);
}

TEST(CacheFields, TakesAFarDateForTheLastOneItKnows) {
  const auto expires = parse_http_date("Fri, 31 Dec 9999 23:59:59 GMT");
  ASSERT_TRUE(expires);
  EXPECT_GT(*expires, base::UtcTime{std::chrono::sys_days{std::chrono::year{2240} / 1 / 1}});
}

TEST(CacheFields, WritesADateThatItReads) { EXPECT_EQ(base::to_http_date(kReceived + 400ms), kNow); }

// Section 4.3.1.
TEST(CacheFields, AnETagOrADateOfChangeValidates) {
  EXPECT_TRUE(has_validator(fields_of({{"ETag", "W/\"1\""}})));
  EXPECT_TRUE(has_validator(fields_of({{"Last-Modified", kNow}})));
  EXPECT_FALSE(has_validator(fields_of({{"Cache-Control", "max-age=60"}, {"Last-Modified", "yesterday"}})));
}

// RFC 9110, 8.8.1 and 8.8.2.2.
TEST(CacheFields, PartsNeedAStrongValidator) {
  EXPECT_TRUE(has_strong_validator(fields_of({{"ETag", "\"1\""}})));
  EXPECT_FALSE(has_strong_validator(fields_of({{"ETag", "W/\"1\""}})));
  EXPECT_TRUE(has_strong_validator(fields_of({{"Date", kNow}, {"Last-Modified", "Sun, 06 Nov 1994 08:48:37 GMT"}})));
  EXPECT_FALSE(has_strong_validator(fields_of({{"Date", kNow}, {"Last-Modified", "Sun, 06 Nov 1994 08:48:38 GMT"}})));
}

// Section 4.1.
TEST(CacheFields, KnowsWhatAnAnswerVariesBy) {
  const CacheFields fields = fields_of({{"Vary", "Accept-Encoding"}, {"Vary", "Authorization, Cookie"}});
  EXPECT_TRUE(varies_by(fields, "authorization"));
  EXPECT_TRUE(varies_by(fields, "accept-encoding"));
  EXPECT_FALSE(varies_by(fields, "range"));
  EXPECT_TRUE(varies_by(fields_of({{"Vary", "*"}}), "range"));
}

}  // namespace
}  // namespace harness

// Quantities as text, as they stand in scenarios and on command lines: durations `1m30s`, rates `2.5mbit` (1000-based),
// sizes `64KiB` (1024) or `64kB` (1000); and UTC instants in ISO 8601 or as
// HTTP has them.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/units.h"

namespace base {

// "250ms", "20s", "1m30s", "1h", "0.5s"; units h m s ms us. Must not be negative.
Result<Duration> parse_duration(std::string_view text);
// "800kbit", "2.5mbit", "1gbit", "64000bit"; kbit = 1000 bit/s.
Result<Bitrate> parse_bitrate(std::string_view text);
// "1500", "64KiB", "4MiB", "64kB", "1MB", "2TB".
Result<ByteCount> parse_size(std::string_view text);

// Shortest exact-enough text: "1m30s", "2.5s", "40ms".
std::string to_text(Duration duration);
std::string to_text(Bitrate rate);
std::string to_text(ByteCount size);

// For people, three digits: "412", "41.2k", "2.41M", "3.60G". Must not be negative.
std::string abbreviated(double count);

// Overwrites `count` characters of `text` from `at` on with `value`, with leading zeros. Requires: 0 <= value.
void put_digits(std::string& text, std::size_t at, std::size_t count, std::int64_t value);

// "2026-11-24T16:18:05.250Z" (milliseconds).
std::string to_iso8601(UtcTime time);
// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110, section 5.6.7).
std::string to_http_date(UtcTime time);
// Such a date, exactly as it is written there; its year may lie beyond UtcTime's. A 31st of April is the 1st of May, as for timegm(). Much
// faster than strptime().
std::optional<std::chrono::sys_seconds> parse_imf_fixdate(std::string_view text);
// Accepts fractions of a second of any length and "Z" or a numeric offset ("+01:00", "+0100", "+01").
Result<UtcTime> parse_iso8601(std::string_view text);

}  // namespace base

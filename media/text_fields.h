// Numbers, durations and times as playlists and manifests write them. Pure; nothing throws.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace media {

// More than any real presentation lists; beyond it a document is refused instead of eating the memory of the emulated players.
inline constexpr std::int64_t kMostSegments = 200'000;
// Pixels, either way.
inline constexpr std::int64_t kLargestPicture = 65'535;

std::string_view trimmed(std::string_view text);

// Decimal digits only, at most INT64_MAX.
std::optional<std::int64_t> parse_whole(std::string_view text);
// "9" or "9.009", exact to the nanosecond; not negative, at most 292 years.
std::optional<base::Duration> parse_decimal_seconds(std::string_view text);
// "9.009": exact, with at least `fraction_digits` digits after the point. Requires: not negative.
std::string to_decimal_seconds(base::Duration duration, std::size_t fraction_digits);

// ISO 8601 with or without a zone; without one it is UTC, as dash.js and Shaka read it.
base::Result<base::UtcTime> parse_utc(std::string_view text);
// Milliseconds, or nanoseconds where milliseconds would lose something.
std::string to_utc_text(base::UtcTime time);

}  // namespace media

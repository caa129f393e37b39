#include "media/text_fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace media {
namespace {

constexpr std::size_t kNanosecondDigits = 9;
constexpr std::int64_t kMostSeconds = INT64_MAX / 1'000'000'000 - 1;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

bool only_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// "009" -> 9'000'000 ns; digits beyond the ninth are dropped.
std::int64_t nanoseconds_of_fraction(std::string_view digits) {
  std::int64_t value = 0;
  for (std::size_t i = 0; i < kNanosecondDigits; ++i) value = value * 10 + (i < digits.size() ? digits[i] - '0' : 0);
  return value;
}

bool has_zone(std::string_view text) {
  const auto clock = text.find('T');
  return clock != std::string_view::npos && text.find_first_of("Z+-", clock) != std::string_view::npos;
}

}  // namespace

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

std::optional<std::int64_t> parse_whole(std::string_view text) {
  std::int64_t value = 0;
  if (!only_digits(text)) return std::nullopt;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc{}) return std::nullopt;
  return value;
}

std::optional<base::Duration> parse_decimal_seconds(std::string_view text) {
  const auto point = text.find('.');
  const auto whole = parse_whole(text.substr(0, point));
  if (!whole || *whole > kMostSeconds) return std::nullopt;
  if (point == std::string_view::npos) return std::chrono::seconds{*whole};
  const std::string_view fraction = text.substr(point + 1);
  if (!fraction.empty() && !only_digits(fraction)) return std::nullopt;
  return std::chrono::seconds{*whole} + base::Duration{nanoseconds_of_fraction(fraction)};
}

std::string to_decimal_seconds(base::Duration duration, std::size_t fraction_digits) {
  constexpr std::int64_t kSecond = 1'000'000'000;
  std::string text = std::to_string(duration.count() / kSecond) + ".000000000";
  const std::size_t fraction = text.size() - kNanosecondDigits;
  base::put_digits(text, fraction, kNanosecondDigits, duration.count() % kSecond);
  while (text.size() > fraction + fraction_digits && text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text;
}

base::Result<base::UtcTime> parse_utc(std::string_view text) {
  return has_zone(text) ? base::parse_iso8601(text) : base::parse_iso8601(std::string{text.substr(0, 64)} + "Z");
}

std::string to_utc_text(base::UtcTime time) {
  const auto milliseconds = std::chrono::floor<std::chrono::milliseconds>(time);
  std::string text = base::to_iso8601(time);
  if (milliseconds == time) return text;
  text.pop_back();
  return fmt::format("{}{:06}Z", text, (time - milliseconds).count());
}

}  // namespace media

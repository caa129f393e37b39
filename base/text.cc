#include "base/text.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <optional>

namespace base {
namespace {

// Takes a leading decimal number off `text`.
std::optional<double> take_number(std::string_view& text) {
  double value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (failure != std::errc{} || text.front() == '-') return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

std::string_view take_unit(std::string_view& text) {
  std::size_t n = 0;
  while (n < text.size() && ((text[n] >= 'a' && text[n] <= 'z') || (text[n] >= 'A' && text[n] <= 'Z'))) ++n;
  const std::string_view unit = text.substr(0, n);
  text.remove_prefix(n);
  return unit;
}

struct Unit {
  std::string_view name;
  double factor;
};
template <std::size_t N>
std::optional<double> factor_of(const std::array<Unit, N>& units, std::string_view name) {
  for (const Unit& unit : units)
    if (unit.name == name) return unit.factor;
  return std::nullopt;
}

constexpr std::array<Unit, 5> kTimeUnits{{{"h", 3600}, {"m", 60}, {"s", 1}, {"ms", 1e-3}, {"us", 1e-6}}};
constexpr std::array<Unit, 4> kRateUnits{{{"bit", 1}, {"kbit", 1e3}, {"mbit", 1e6}, {"gbit", 1e9}}};
constexpr std::array<Unit, 7> kSizeUnits{{{"", 1}, {"B", 1}, {"kB", 1e3}, {"MB", 1e6}, {"KiB", 1024}, {"MiB", 1048576}, {"GiB", 1073741824}}};

// One number and one unit, nothing else.
template <std::size_t N>
std::optional<double> parse_one(std::string_view text, const std::array<Unit, N>& units) {
  if (text.empty()) return std::nullopt;
  const auto number = take_number(text);
  if (!number) return std::nullopt;
  const auto factor = factor_of(units, take_unit(text));
  const double value = number.value_or(0) * factor.value_or(0);
  if (!factor || !text.empty() || value > 9e18) return std::nullopt;
  return value;
}

}  // namespace

Result<Duration> parse_duration(std::string_view text) {
  const auto failure = [&] { return error(fmt::format("\"{}\" is not a duration; write it like \"90s\", \"1m30s\" or \"250ms\"", text)); };
  std::string_view rest = text;
  double total = 0;
  if (rest.empty()) return failure();
  while (!rest.empty()) {
    const auto number = take_number(rest);
    const auto factor = number ? factor_of(kTimeUnits, take_unit(rest)) : std::nullopt;
    if (!factor) return failure();
    total += *number * *factor;
  }
  if (total > 9e9) return failure();
  return from_seconds(total);
}

Result<Bitrate> parse_bitrate(std::string_view text) {
  const auto value = parse_one(text, kRateUnits);
  if (!value) return error(fmt::format("\"{}\" is not a rate; write it like \"800kbit\" or \"2.5mbit\"", text));
  return Bitrate::bits_per_second(std::llround(*value));
}

Result<ByteCount> parse_size(std::string_view text) {
  const auto value = parse_one(text, kSizeUnits);
  if (!value) return error(fmt::format("\"{}\" is not a size; write it like \"64KiB\" or \"1500\"", text));
  return ByteCount::bytes(std::llround(*value));
}

std::string to_text(Duration duration) {
  const double s = to_seconds(duration);
  if (duration == Duration::zero()) return "0s";
  if (std::abs(s) < 1e-3) return fmt::format("{:g}us", s * 1e6);
  if (std::abs(s) < 1) return fmt::format("{:g}ms", s * 1e3);
  if (s < 60) return fmt::format("{:g}s", s);
  std::string out;
  auto whole = static_cast<std::int64_t>(s);
  const double rest = s - static_cast<double>(whole) + static_cast<double>(whole % 60);
  if (whole >= 3600) out += fmt::format("{}h", whole / 3600);
  if (whole % 3600 >= 60) out += fmt::format("{}m", whole % 3600 / 60);
  if (rest > 0) out += fmt::format("{:g}s", rest);
  return out;
}

std::string to_text(Bitrate rate) {
  const auto bps = static_cast<double>(rate.bps());
  if (bps >= 1e9) return fmt::format("{:g}gbit", bps / 1e9);
  if (bps >= 1e6) return fmt::format("{:g}mbit", bps / 1e6);
  if (bps >= 1e3) return fmt::format("{:g}kbit", bps / 1e3);
  return fmt::format("{:g}bit", bps);
}

std::string to_text(ByteCount size) {
  const std::int64_t n = size.count();
  if (n >= 1048576 && n % 1048576 == 0) return fmt::format("{}MiB", n / 1048576);
  if (n >= 1024 && n % 1024 == 0) return fmt::format("{}KiB", n / 1024);
  return fmt::format("{}B", n);
}

std::string to_iso8601(UtcTime time) {
  const auto ms = std::chrono::floor<std::chrono::milliseconds>(time);
  const auto day = std::chrono::floor<std::chrono::days>(ms);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{ms - day};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()), clock.hours().count(), clock.minutes().count(), clock.seconds().count(), clock.subseconds().count());
}

Result<UtcTime> parse_iso8601(std::string_view text) {
  const auto failure = [&] { return error(fmt::format("\"{}\" is not an ISO 8601 time such as 2026-11-24T16:18:05.250Z", text)); };
  const std::string copy{text.substr(0, 64)};
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, used = 0;
  if (std::sscanf(copy.c_str(), "%4d-%2d-%2dT%2d:%2d:%n", &year, &month, &day, &hour, &minute, &used) != 5 || used == 0) return failure();
  std::string_view rest = std::string_view{copy}.substr(static_cast<std::size_t>(used));
  if (rest.empty()) return failure();
  const auto second = take_number(rest);
  const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)}, std::chrono::day{static_cast<unsigned>(day)}};
  if (!second || *second >= 61 || year < 1970 || year > 2200 || !date.ok() || hour > 23 || minute > 59 || hour < 0 || minute < 0) return failure();
  int offset_minutes = 0;
  if (rest != "Z") {
    int h = 0, m = 0;
    char sign = 0;
    if (std::sscanf(std::string{rest}.c_str(), "%c%2d:%2d", &sign, &h, &m) != 3 || (sign != '+' && sign != '-')) return failure();
    offset_minutes = (h * 60 + m) * (sign == '-' ? -1 : 1);
  }
  return UtcTime{std::chrono::sys_days{date}} + std::chrono::hours{hour} + std::chrono::minutes{minute - offset_minutes} + from_seconds(*second);
}

}  // namespace base

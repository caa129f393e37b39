#include "base/text.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <optional>

namespace base {
namespace {

// Takes a leading decimal number off `text`. Only digits and a point: from_chars would also read "nan" and "inf".
std::optional<double> take_number(std::string_view& text) {
  double value = 0;
  if (text.find_first_of("0123456789.") != 0) return std::nullopt;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (failure != std::errc{}) return std::nullopt;
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

// Takes exactly `count` digits and, unless it is '\0', the character after them.
std::optional<int> take_digits(std::string_view& text, std::size_t count, char after) {
  int value = 0;
  const std::size_t taken = count + (after == '\0' ? 0 : 1);
  if (text.size() < taken || (after != '\0' && text[count] != after)) return std::nullopt;
  for (std::size_t i = 0; i < count; ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(taken);
  return value;
}

// As HTTP names them; each takes three characters.
constexpr std::string_view kDays = "SunMonTueWedThuFriSat";
constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";

// Takes one of those names. Returns: which one, from 0.
std::optional<unsigned> take_name(std::string_view& text, std::string_view names) {
  for (std::size_t at = 0; at < names.size(); at += 3) {
    if (!text.starts_with(names.substr(at, 3))) continue;
    text.remove_prefix(3);
    return static_cast<unsigned>(at / 3);
  }
  return std::nullopt;
}

// "Z", "+01:00", "+0100" or "+01".
std::optional<std::chrono::minutes> take_offset(std::string_view& text) {
  if (text.empty()) return std::nullopt;
  const char sign = text.front();
  text.remove_prefix(1);
  if (sign == 'Z') return std::chrono::minutes{0};
  const auto hours = take_digits(text, 2, '\0');
  if (text.starts_with(':')) text.remove_prefix(1);
  const auto minutes = text.empty() ? std::optional{0} : take_digits(text, 2, '\0');
  if ((sign != '+' && sign != '-') || !hours || !minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  return std::chrono::minutes{(*hours * 60 + *minutes) * (sign == '-' ? -1 : 1)};
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
constexpr std::array<Unit, 9> kSizeUnits{
    {{"", 1}, {"B", 1}, {"kB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"TB", 1e12}, {"KiB", 1024}, {"MiB", 1048576}, {"GiB", 1073741824}}};

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
  const auto total = std::chrono::round<std::chrono::milliseconds>(duration).count();
  const std::int64_t hours = total / 3'600'000, minutes = total / 60'000 % 60, rest = total % 60'000;
  std::string out;
  if (hours > 0) out += fmt::format("{}h", hours);
  if (minutes > 0) out += fmt::format("{}m", minutes);
  if (rest > 0) out += fmt::format("{:g}s", static_cast<double>(rest) / 1e3);
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

std::string abbreviated(double count) {
  constexpr std::array<const char*, 4> kPrefixes{"", "k", "M", "G"};
  std::size_t prefix = 0;
  for (; count >= 999.5 && prefix + 1 < kPrefixes.size(); ++prefix) count /= 1000;
  const int decimals = prefix == 0 || count >= 99.95 ? 0 : count >= 9.995 ? 1 : 2;
  return fmt::format("{:.{}f}{}", count, decimals, kPrefixes[prefix]);
}

void put_digits(std::string& text, std::size_t at, std::size_t count, std::int64_t value) {
  for (std::size_t i = at + count; i > at; value /= 10) text[--i] = static_cast<char>('0' + value % 10);
}

std::string to_iso8601(UtcTime time) {
  const auto ms = std::chrono::floor<std::chrono::milliseconds>(time);
  const auto day = std::chrono::floor<std::chrono::days>(ms);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{ms - day};
  std::string text = "yyyy-mm-ddThh:mm:ss.000Z";
  put_digits(text, 0, 4, static_cast<int>(date.year()));
  put_digits(text, 5, 2, static_cast<unsigned>(date.month()));
  put_digits(text, 8, 2, static_cast<unsigned>(date.day()));
  put_digits(text, 11, 2, clock.hours().count());
  put_digits(text, 14, 2, clock.minutes().count());
  put_digits(text, 17, 2, clock.seconds().count());
  put_digits(text, 20, 3, clock.subseconds().count());
  return text;
}

std::string to_http_date(UtcTime time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{std::chrono::floor<std::chrono::seconds>(time - day)};
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kDays.substr(3 * std::chrono::weekday{day}.c_encoding(), 3),
                     static_cast<unsigned>(date.day()), kMonths.substr(3 * static_cast<unsigned>(date.month()) - 3, 3),
                     static_cast<int>(date.year()), clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

std::optional<std::chrono::sys_seconds> parse_imf_fixdate(std::string_view text) {
  if (!take_name(text, kDays) || !text.starts_with(", ")) return std::nullopt;
  text.remove_prefix(2);
  const auto day = take_digits(text, 2, ' ');
  const auto month = take_name(text, kMonths);
  if (!day || !month || !text.starts_with(' ')) return std::nullopt;
  text.remove_prefix(1);
  const auto year = take_digits(text, 4, ' '), hour = take_digits(text, 2, ':'), minute = take_digits(text, 2, ':');
  const auto second = take_digits(text, 2, ' ');
  if (!year || !hour || !minute || !second || text != "GMT") return std::nullopt;
  if (*day < 1 || *day > 31 || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  const std::chrono::sys_days first = std::chrono::year{*year} / std::chrono::month{*month + 1} / 1;
  return first + std::chrono::days{*day - 1} + std::chrono::hours{*hour} + std::chrono::minutes{*minute} + std::chrono::seconds{*second};
}

Result<UtcTime> parse_iso8601(std::string_view text) {
  const auto failure = [&] {
    return error(fmt::format("\"{}\" is not an ISO 8601 time such as 2026-11-24T16:18:05.250Z", text.substr(0, 64)));
  };
  std::string_view rest = text;
  const auto year = take_digits(rest, 4, '-'), month = take_digits(rest, 2, '-'), day = take_digits(rest, 2, 'T');
  const auto hour = take_digits(rest, 2, ':'), minute = take_digits(rest, 2, ':');
  const auto second = take_number(rest);
  const auto offset = take_offset(rest);
  if (!year || !month || !day || !hour || !minute || !second || !offset || !rest.empty()) return failure();
  const std::chrono::year_month_day date{std::chrono::year{*year}, std::chrono::month{static_cast<unsigned>(*month)},
                                         std::chrono::day{static_cast<unsigned>(*day)}};
  if (*year < 1970 || *year > 2200 || !date.ok() || *hour > 23 || *minute > 59 || *second >= 61) return failure();
  return UtcTime{std::chrono::sys_days{date}} + std::chrono::hours{*hour} + std::chrono::minutes{*minute} - *offset + from_seconds(*second);
}

}  // namespace base

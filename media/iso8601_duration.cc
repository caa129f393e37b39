#include <fmt/format.h>

#include <array>

#include "media/dash.h"
#include "media/text_fields.h"

namespace media {
namespace {

struct Unit {
  char name;
  std::int64_t seconds;  // 0: calendar units, whose length is not fixed
};
constexpr std::array<Unit, 4> kDateUnits{{{'Y', 0}, {'M', 0}, {'W', 604'800}, {'D', 86'400}}};
constexpr std::array<Unit, 3> kTimeUnits{{{'H', 3'600}, {'M', 60}, {'S', 1}}};

base::Error refused(std::string_view text, std::string_view reason) {
  return base::error(fmt::format("\"{}\" is not a duration such as PT1M30.5S: {}", text.substr(0, 64), reason));
}

// Takes number-and-unit pairs off `rest` until `stop` or the end; an empty text says that all went well.
template <std::size_t N>
std::string_view take_units(std::string_view& rest, const std::array<Unit, N>& units, base::Duration& sum) {
  std::size_t next = 0;
  while (!rest.empty() && rest.front() != 'T') {
    const auto digits = rest.find_first_not_of("0123456789.");
    if (digits == 0 || digits == std::string_view::npos) return "a number and a unit are expected";
    while (next < N && units[next].name != rest[digits]) ++next;
    if (next == N) return "its units are unknown or out of order";
    const Unit unit = units[next++];
    const auto value = parse_decimal_seconds(rest.substr(0, digits));
    if (!value || (unit.name != 'S' && rest.substr(0, digits).find('.') != std::string_view::npos)) return "a number in it cannot be read";
    if (unit.seconds == 0 && *value > base::Duration::zero()) return "years and months have no fixed length";
    base::Duration::rep part = 0, total = 0;
    if (__builtin_mul_overflow(value->count(), unit.seconds, &part) || __builtin_add_overflow(sum.count(), part, &total))
      return "it is too long";
    sum = base::Duration{total};
    rest.remove_prefix(digits + 1);
  }
  return {};
}

}  // namespace

base::Result<base::Duration> parse_iso8601_duration(std::string_view text) {
  std::string_view rest = text;
  if (!rest.starts_with('P') || rest.size() < 3) return refused(text, "it must start with P");
  rest.remove_prefix(1);
  base::Duration sum{};
  if (const auto problem = take_units(rest, kDateUnits, sum); !problem.empty()) return refused(text, problem);
  if (rest.empty()) return sum;
  rest.remove_prefix(1);
  if (rest.empty()) return refused(text, "nothing follows T");
  if (const auto problem = take_units(rest, kTimeUnits, sum); !problem.empty()) return refused(text, problem);
  if (!rest.empty()) return refused(text, "it has two T");
  return sum;
}

std::string to_iso8601_duration(base::Duration duration) {
  const std::int64_t hours = duration / std::chrono::hours{1}, minutes = duration % std::chrono::hours{1} / std::chrono::minutes{1};
  const base::Duration seconds = duration % std::chrono::minutes{1};
  std::string out = "PT";
  if (hours > 0) out += fmt::format("{}H", hours);
  if (minutes > 0) out += fmt::format("{}M", minutes);
  if (seconds > base::Duration::zero() || out.size() == 2) out += to_decimal_seconds(seconds, 0) + "S";
  return out;
}

}  // namespace media

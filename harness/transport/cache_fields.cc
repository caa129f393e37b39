#include "harness/transport/cache_fields.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>

#include "base/text.h"

namespace harness {
namespace {

constexpr std::int64_t kMostSeconds = std::int64_t{1} << 31;  // section 1.2.2: larger ones are taken for this
constexpr std::int64_t kLatestDate = 8'583'926'400;           // 2242-01-05: base::UtcTime ends in 2262
constexpr base::Duration kStrongDate = std::chrono::seconds{60};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same_word(std::string_view a, std::string_view lower_case) {
  return std::equal(a.begin(), a.end(), lower_case.begin(), lower_case.end(), [](char x, char y) { return lower(x) == y; });
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t";
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

// The members of a list one after the other; commas within quotes are not between members.
template <class Take>
void each_member(std::string_view list, Take take) {
  bool quoted = false;
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= list.size(); ++i) {
    if (i < list.size() && list[i] == '"') quoted = !quoted;
    if (i < list.size() && (list[i] != ',' || quoted)) continue;
    take(trimmed(list.substr(begin, i - begin)));
    begin = i + 1;
  }
}

std::optional<base::Duration> parse_delta_seconds(std::string_view text) {
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (text.empty() || text.front() == '-' || end != text.data() + text.size()) return std::nullopt;
  if (error == std::errc::result_out_of_range) seconds = kMostSeconds;
  return std::chrono::seconds{std::min(seconds, kMostSeconds)};
}

// `no-cache="set-cookie"` is about that field alone, and no-cache it is not.
void note_directive(CacheFields& fields, std::string_view directive) {
  if (same_word(directive, "no-store")) fields.no_store = true;
  if (same_word(directive, "no-cache")) fields.no_cache = true;
  if (same_word(directive, "must-revalidate")) fields.must_revalidate = true;
  constexpr std::string_view kMaxAge = "max-age=";
  if (fields.max_age || directive.size() < kMaxAge.size() || !same_word(directive.substr(0, kMaxAge.size()), kMaxAge)) return;
  fields.max_age = parse_delta_seconds(directive.substr(kMaxAge.size()));
}

base::UtcTime within_reach(std::chrono::seconds since_1970) {
  return base::UtcTime{std::clamp(since_1970, std::chrono::seconds{0}, std::chrono::seconds{kLatestDate})};
}

// Section 4.2.1, and 4.2.2 where nothing is said.
base::Duration freshness_lifetime(const CacheFields& fields, base::UtcTime received) {
  if (fields.no_store || fields.no_cache) return {};
  if (fields.max_age) return *fields.max_age;
  const base::UtcTime date = fields.date.value_or(received);
  if (fields.expires) return *fields.expires - date;
  if (fields.must_revalidate || !fields.last_modified) return {};
  return (date - *fields.last_modified) / 10;
}

// Section 4.2.3: corrected_initial_age.
base::Duration initial_age(const CacheFields& fields, base::UtcTime received, base::Duration delay) {
  return std::max({base::Duration{}, received - fields.date.value_or(received), fields.age + delay});
}

}  // namespace

void note_field(CacheFields& fields, std::string_view name, std::string_view value) {
  value = trimmed(value);
  if (same_word(name, "cache-control")) each_member(value, [&](std::string_view each) { note_directive(fields, each); });
  if (same_word(name, "pragma")) each_member(value, [&](std::string_view each) { fields.no_cache |= same_word(each, "no-cache"); });
  if (same_word(name, "age")) fields.age = parse_delta_seconds(trimmed(value.substr(0, value.find(',')))).value_or(base::Duration{});
  if (same_word(name, "date")) fields.date = parse_http_date(value);
  if (same_word(name, "last-modified")) fields.last_modified = parse_http_date(value);
  if (same_word(name, "expires") && !fields.expires) fields.expires = parse_http_date(value).value_or(base::UtcTime{});
  if (same_word(name, "etag")) fields.etag = std::string{value};
  if (same_word(name, "vary")) fields.vary = (fields.vary.empty() ? "" : *fields.vary + ",").append(value);
}

std::optional<base::UtcTime> parse_http_date(std::string_view text) {
  if (const auto usual = base::parse_imf_fixdate(text)) return within_reach(usual->time_since_epoch());  // what servers send
  constexpr std::array kForms{"%a, %d %b %Y %H:%M:%S GMT", "%a, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"};
  const std::string line{text};
  for (const char* form : kForms) {
    std::tm fields{};
    const char* end = strptime(line.c_str(), form, &fields);
    if (end == nullptr || *end != '\0') continue;
    return within_reach(std::chrono::seconds{timegm(&fields)});
  }
  return std::nullopt;
}

base::Duration fresh_for(const CacheFields& fields, base::UtcTime received, base::Duration delay) {
  return std::max(freshness_lifetime(fields, received) - initial_age(fields, received, delay), base::Duration{});
}

bool has_validator(const CacheFields& fields) { return !fields.etag.empty() || fields.last_modified; }

bool has_strong_validator(const CacheFields& fields) {
  if (!fields.etag.empty() && !fields.etag->starts_with("W/")) return true;
  return fields.last_modified && fields.date && *fields.date - *fields.last_modified >= kStrongDate;
}

bool varies_by(const CacheFields& fields, std::string_view name) {
  bool varies = false;
  each_member(fields.vary, [&](std::string_view each) { varies |= each == "*" || same_word(each, name); });
  return varies;
}

}  // namespace harness

#include "server/delivery/header_fields.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace server {
namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

// Takes the text up to `separator` off the front of `rest`.
std::string_view next_item(std::string_view& rest, char separator) {
  const auto at = rest.find(separator);
  const std::string_view item = rest.substr(0, at);
  rest = at == std::string_view::npos ? std::string_view{} : rest.substr(at + 1);
  return trimmed(item);
}

bool has_zero_weight(std::string_view parameters) {
  while (!parameters.empty()) {
    const std::string_view item = next_item(parameters, ';');
    if (item.starts_with("q=") || item.starts_with("Q=")) return item.substr(2).find_first_not_of("0.") == std::string_view::npos;
  }
  return false;
}

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::optional<std::string_view> cookie_value(std::string_view cookie, std::string_view name) {
  while (!cookie.empty()) {
    const std::string_view pair = next_item(cookie, ';');
    const auto equals = pair.find('=');
    if (equals != std::string_view::npos && pair.substr(0, equals) == name) return pair.substr(equals + 1);
  }
  return std::nullopt;
}

bool accepts_gzip(std::string_view accept_encoding) {
  std::optional<bool> any;
  while (!accept_encoding.empty()) {
    std::string_view parameters = next_item(accept_encoding, ',');
    const std::string_view coding = next_item(parameters, ';');
    const bool wanted = !has_zero_weight(parameters);
    if (equal_ignoring_case(coding, "gzip")) return wanted;
    if (coding == "*") any = wanted;
  }
  return any.value_or(false);
}

bool matches_etag(std::string_view if_none_match, std::string_view etag) {
  if (trimmed(if_none_match) == "*") return true;
  while (!if_none_match.empty()) {
    std::string_view item = next_item(if_none_match, ',');
    if (item.starts_with("W/")) item.remove_prefix(2);
    if (!item.empty() && item == etag) return true;
  }
  return false;
}

RangeChoice choose_range(std::string_view range, std::size_t size) {
  constexpr std::string_view kUnit = "bytes=";
  if (range.size() < kUnit.size() || !equal_ignoring_case(range.substr(0, kUnit.size()), kUnit)) return WholeBody{};
  const std::string_view spec = trimmed(range.substr(kUnit.size()));
  const auto dash = spec.find('-');
  if (dash == std::string_view::npos) return WholeBody{};
  const auto first = number(spec.substr(0, dash)), last = number(spec.substr(dash + 1));
  const bool open_start = dash == 0, open_end = dash + 1 == spec.size();
  if ((!first && !open_start) || (!last && !open_end) || (open_start && open_end)) return WholeBody{};
  if (open_start) {
    const auto count = std::min<std::uint64_t>(*last, size);
    return count == 0 ? RangeChoice{OutOfRange{}} : BytesOf{size - static_cast<std::size_t>(count), static_cast<std::size_t>(count)};
  }
  if (last && *last < *first) return WholeBody{};
  if (*first >= size) return OutOfRange{};
  const std::uint64_t end = open_end ? size - 1 : std::min<std::uint64_t>(*last, size - 1);
  return BytesOf{static_cast<std::size_t>(*first), static_cast<std::size_t>(end - *first + 1)};
}

}  // namespace server

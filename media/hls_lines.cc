#include "media/hls_lines.h"

#include <fmt/format.h>

#include <algorithm>

#include "media/text_fields.h"

namespace media {
namespace {

// More than any tag defines; looking one up stays cheap whatever a server sends.
constexpr std::size_t kMostTagAttributes = 64;

// Takes the value at the start of `rest`: up to the closing quote, or up to the next comma.
base::Result<std::string_view> take_value(std::string_view& rest, std::string_view name) {
  const bool quoted = rest.starts_with('"');
  if (quoted) rest.remove_prefix(1);
  const auto end = quoted ? rest.find('"') : std::min(rest.find(','), rest.size());
  if (end == std::string_view::npos) return base::error(fmt::format("the quote of {} is not closed", name));
  const std::string_view value = rest.substr(0, end);
  rest.remove_prefix(end + (quoted ? 1 : 0));
  if (value.find('\r') != std::string_view::npos) return base::error(fmt::format("{} has a carriage return inside its value", name));
  if (!quoted && value.find('"') != std::string_view::npos) return base::error(fmt::format("{} has a quote inside its value", name));
  return quoted ? value : trimmed(value);
}

std::string_view without_comma(std::string_view rest) {
  rest = trimmed(rest);
  if (rest.starts_with(',')) rest.remove_prefix(1);
  return trimmed(rest);
}

}  // namespace

HlsLines::HlsLines(std::string_view text) : size_{text.size()}, rest_{text} {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (rest_.starts_with(kByteOrderMark)) rest_.remove_prefix(kByteOrderMark.size());
}

std::string_view HlsLines::take_line() {
  const auto end = std::min(rest_.find('\n'), rest_.size());
  const std::string_view line = trimmed(rest_.substr(0, end));
  rest_.remove_prefix(std::min(end + 1, rest_.size()));
  ++number_;
  return line;
}

std::optional<HlsLine> HlsLines::next() {
  while (!rest_.empty()) {
    const std::string_view line = take_line();
    if (line.empty()) continue;
    if (line.front() != '#') return HlsLine{.number = number_, .tag = {}, .value = line};
    if (!line.starts_with("#EXT")) continue;
    const auto colon = std::min(line.find(':'), line.size());
    return HlsLine{.number = number_, .tag = line.substr(1, colon - 1), .value = trimmed(line.substr(std::min(colon + 1, line.size())))};
  }
  return std::nullopt;
}

base::Result<AttributeList> AttributeList::parse(std::string_view text) {
  AttributeList list;
  std::string_view rest = trimmed(text);
  while (!rest.empty()) {
    const auto equals = rest.find_first_of("=,");
    if (equals == std::string_view::npos || rest[equals] != '=') return base::error("the attribute list has a name without a value");
    const std::string_view name = trimmed(rest.substr(0, equals));
    rest.remove_prefix(equals + 1);
    const base::Result<std::string_view> value = take_value(rest, name);
    if (!value.has_value()) return value.error();
    if (list.find(name)) return base::error(fmt::format("{} is given twice", name));
    if (list.pairs_.size() == kMostTagAttributes) return base::error(fmt::format("has more than {} attributes", kMostTagAttributes));
    list.pairs_.emplace_back(name, *value);
    if (!trimmed(rest).empty() && !trimmed(rest).starts_with(',')) return base::error(fmt::format("no comma after {}", name));
    rest = without_comma(rest);
  }
  return list;
}

std::optional<std::string_view> AttributeList::find(std::string_view name) const {
  for (const auto& [known, value] : pairs_)
    if (known == name) return value;
  return std::nullopt;
}

}  // namespace media

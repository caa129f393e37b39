#include "reports/formats/words/escape.h"

#include <algorithm>
#include <cstdint>

namespace reports {
namespace {

constexpr std::string_view kReplacement = "\uFFFD";

struct Decoded {
  std::uint32_t code = 0;
  std::size_t length = 0;  // 0: not a character
};

// The smallest code point that may be written with a sequence of this length (shorter ones would be overlong).
constexpr std::uint32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};

std::size_t length_of(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >> 5 == 0x6) return 2;
  if (lead >> 4 == 0xE) return 3;
  return lead >> 3 == 0x1E ? 4 : 0;
}

Decoded decode(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const std::size_t length = length_of(byte(0));
  if (length == 0 || length > text.size()) return {};
  std::uint32_t code = length == 1 ? byte(0) : byte(0) & (0xFFu >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if (byte(i) >> 6 != 2) return {};
    code = code << 6 | (byte(i) & 0x3F);
  }
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  return code < kSmallest[length] || code > 0x10FFFF || surrogate ? Decoded{} : Decoded{code, length};
}

bool is_allowed(std::uint32_t code) {
  if (code < 0x20) return code == '\t' || code == '\n';
  return (code < 0x7F || code > 0x9F) && code != 0xFFFE && code != 0xFFFF;
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) text.replace(at, from.size(), to);
  return text;
}

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

}  // namespace

std::string clean_utf8(std::string_view text) {
  std::string clean;
  while (!text.empty()) {
    const Decoded character = decode(text);
    if (character.length == 0)
      clean += kReplacement;
    else if (is_allowed(character.code))
      clean += text.substr(0, character.length);
    text.remove_prefix(std::max<std::size_t>(1, character.length));
  }
  return clean;
}

std::string markup(std::string_view text) {
  std::string safe;
  for (const char c : clean_utf8(text)) {
    if (c == '<')
      safe += "&lt;";
    else if (c == '>')
      safe += "&gt;";
    else if (c == '&')
      safe += "&amp;";
    else if (c == '"')
      safe += "&quot;";
    else if (c == '\'')
      safe += "&#39;";
    else
      safe += c;
  }
  return safe;
}

std::string json_in_html(std::string json) { return replaced(replaced(std::move(json), "<", "\\u003c"), ">", "\\u003e"); }

std::string one_line(std::string_view text) {
  std::string line = clean_utf8(text);
  std::replace_if(
      line.begin(), line.end(), [](char c) { return c == '\n' || c == '\t'; }, ' ');
  return line;
}

std::size_t width(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return !continues(c); }));
}

std::string shortened(std::string_view text, std::size_t columns) {
  if (width(text) <= columns) return std::string{text};
  std::size_t end = 0;
  for (std::size_t taken = 0; end < text.size() && (taken + 1 < columns || continues(text[end])); ++end)
    taken += continues(text[end]) ? 0 : 1;
  while (end < text.size() && continues(text[end])) ++end;
  return std::string{text.substr(0, end)} + "…";
}

}  // namespace reports

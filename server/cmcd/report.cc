#include "server/cmcd/report.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>
#include <variant>

#include "media/url.h"

namespace server {
namespace {

constexpr std::array kObjects{"m", "a", "v", "av", "i", "c", "tt", "k", "o", ""};
constexpr std::size_t kLongestSession = 64, kLongestContent = 128;  // CTA-5004, section 3
constexpr double kLargest = 1e15;                                   // RFC 8941, section 3.3.1

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_alpha(char c) { return is_lower(c) || (c >= 'A' && c <= 'Z'); }
// What may stand in a token behind its first character (RFC 9110, section 5.6.2, and ':' and '/').
bool is_token_character(char c) {
  return is_alpha(c) || is_digit(c) || std::string_view{"!#$%&'*+-.^_`|~:/"}.find(c) != std::string_view::npos;
}
bool is_key_character(char c) { return is_lower(c) || is_digit(c) || std::string_view{"_-.*"}.find(c) != std::string_view::npos; }

struct Token {
  std::string_view text;
};
using Value = std::variant<bool, double, std::string, Token>;

// A structured-field dictionary (RFC 8941, section 4.2.2), one member at a time. Byte sequences are not among CMCD's values.
class Dictionary {
 public:
  explicit Dictionary(std::string_view text) : rest_{text} { skip_blanks(); }
  bool at_end() const { return rest_.empty(); }
  // The next member; of a list its first element, or nothing where it has none. False: malformed.
  bool next(std::string_view& key, std::optional<Value>& value) {
    if (!read_key(key) || !read_value(value) || !skip_parameters()) return false;
    skip_blanks();
    if (rest_.empty()) return true;
    if (!take(',')) return false;
    skip_blanks();
    return !rest_.empty();
  }

 private:
  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void skip_blanks() { rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t"), rest_.size())); }
  template <class Accept>
  std::string_view take_while(Accept accept) {
    const auto end = std::find_if_not(rest_.begin(), rest_.end(), accept);
    const std::string_view taken = rest_.substr(0, static_cast<std::size_t>(end - rest_.begin()));
    rest_.remove_prefix(taken.size());
    return taken;
  }

  bool read_key(std::string_view& key) {
    if (rest_.empty() || (!is_lower(rest_.front()) && rest_.front() != '*')) return false;
    key = take_while(is_key_character);
    return true;
  }
  bool read_value(std::optional<Value>& value) {
    if (!take('=')) return value = Value{true}, true;
    return rest_.starts_with('(') ? read_list(value) : read_item(value);
  }
  bool read_list(std::optional<Value>& first) {
    first.reset();
    take('(');
    for (skip_blanks(); !take(')'); skip_blanks()) {
      std::optional<Value> item;
      if (!read_item(item) || !skip_parameters()) return false;
      if (!first) first = std::move(item);
      if (!rest_.starts_with(' ') && !rest_.starts_with(')')) return false;
    }
    return true;
  }
  bool skip_parameters() {
    while (take(';')) {
      std::string_view key;
      std::optional<Value> value;
      skip_blanks();
      if (!read_key(key) || (take('=') && !read_item(value))) return false;
    }
    return true;
  }
  bool read_item(std::optional<Value>& value) {
    if (rest_.empty()) return false;
    const char c = rest_.front();
    if (c == '"') return read_string(value);
    if (c == '?') return read_boolean(value);
    if (is_digit(c) || c == '-') return read_number(value);
    if (!is_alpha(c) && c != '*') return false;
    value = Token{take_while(is_token_character)};
    return true;
  }
  bool read_boolean(std::optional<Value>& value) {
    const bool good = rest_.starts_with("?0") || rest_.starts_with("?1");
    if (!good) return false;
    value = rest_[1] == '1';
    rest_.remove_prefix(2);
    return true;
  }
  bool read_string(std::optional<Value>& value) {
    std::string text;
    take('"');
    while (!take('"')) {
      const bool escaped = take('\\');
      if (rest_.empty() || rest_.front() < 0x20 || rest_.front() >= 0x7F) return false;
      if (escaped && rest_.front() != '"' && rest_.front() != '\\') return false;
      text += rest_.front();
      rest_.remove_prefix(1);
    }
    value = std::move(text);
    return true;
  }
  bool read_number(std::optional<Value>& value) {
    const bool negative = take('-');
    const std::string_view whole = take_while(is_digit);
    double number = 0;
    for (const char c : whole) number = number * 10 + (c - '0');
    bool good = !whole.empty() && whole.size() <= 15;
    if (take('.')) {
      const std::string_view fraction = take_while(is_digit);
      good = good && !fraction.empty() && fraction.size() <= 3 && whole.size() <= 12;
      double scale = 1;
      for (const char c : fraction) number += (c - '0') * (scale /= 10);
    }
    value = negative ? -number : number;
    return good;
  }

  std::string_view rest_;
};

bool keep(const std::optional<Value>& value, bool& flag) {
  const auto* known = value ? std::get_if<bool>(&*value) : nullptr;
  if (known != nullptr) flag = *known;
  return known != nullptr;
}
// An empty list says nothing and is no error.
bool keep(const std::optional<Value>& value, std::optional<std::int64_t>& number) {
  if (!value) return true;
  const auto* known = std::get_if<double>(&*value);
  if (known == nullptr || *known < 0 || *known >= kLargest) return false;
  number = std::llround(*known);
  return true;
}
bool keep(const std::optional<Value>& value, std::string& text, std::size_t longest) {
  const auto* known = value ? std::get_if<std::string>(&*value) : nullptr;
  if (known == nullptr || known->size() > longest) return false;
  text = *known;
  return true;
}
std::optional<std::string_view> token_in(const std::optional<Value>& value) {
  const auto* known = value ? std::get_if<Token>(&*value) : nullptr;
  return known == nullptr ? std::nullopt : std::optional{known->text};
}
bool keep(const std::optional<Value>& value, CmcdObject& object) {
  const auto token = token_in(value);
  const auto* at = token ? std::find(kObjects.begin(), kObjects.end(), *token) : kObjects.end();
  if (at == kObjects.end()) return false;
  object = static_cast<CmcdObject>(at - kObjects.begin());
  return true;
}
bool keep_state(const std::optional<Value>& value, std::string& state) {
  const auto token = token_in(value);
  if (!token || token->size() > 1) return false;
  state = *token;
  return true;
}
bool keep_version(const std::optional<Value>& value, std::int64_t& version) {
  std::optional<std::int64_t> number;
  if (!keep(value, number) || (number != 1 && number != 2)) return false;
  version = *number;
  return true;
}

bool keep(std::string_view key, const std::optional<Value>& value, CmcdReport& report) {
  if (key == "sid") return keep(value, report.session, kLongestSession);
  if (key == "cid") return keep(value, report.content, kLongestContent);
  if (key == "ot") return keep(value, report.object);
  if (key == "su") return keep(value, report.startup);
  if (key == "bs") return keep(value, report.starved);
  if (key == "bl") return keep(value, report.buffer);
  if (key == "br") return keep(value, report.bitrate);
  if (key == "msd") return keep(value, report.start_delay);
  if (key == "sta") return keep_state(value, report.state);
  if (key == "v") return keep_version(value, report.version);
  return true;
}

}  // namespace

const char* to_text(CmcdObject object) { return kObjects[static_cast<std::size_t>(object)]; }

bool read_cmcd(std::string_view text, CmcdReport& report) {
  Dictionary members{text};
  while (!members.at_end()) {
    std::string_view key;
    std::optional<Value> value;
    if (!members.next(key, value) || !keep(key, value, report)) return false;
  }
  return true;
}

void keep_as_received(CmcdReport& report, std::string_view name, std::string_view text) {
  std::size_t kept = 0;
  for (const auto& part : report.parts) kept += part.second.size();
  if (kept < kMostCmcdText) report.parts.emplace_back(name, text.substr(0, kMostCmcdText - kept));
}

std::optional<std::string_view> cmcd_parameter(std::string_view query) { return media::query_field(query, "CMCD"); }

std::optional<std::string> decode_cmcd_parameter(std::string_view parameter) {
  std::string text{parameter};
  std::replace(text.begin(), text.end(), '+', ' ');
  return media::percent_decode_strictly(text);
}

}  // namespace server

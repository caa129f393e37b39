#include "base/json_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <iterator>
#include <utility>

#include "base/read_file.h"
#include "base/text.h"

namespace base {
namespace {

constexpr int kDeepest = 64;

std::string place_of(std::string_view text, std::size_t byte) {
  const std::string_view before = text.substr(0, std::min(byte > 0 ? byte - 1 : 0, text.size()));
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const std::size_t start = before.rfind('\n');
  return fmt::format("line {}, column {}", line, before.size() - (start == std::string_view::npos ? 0 : start + 1) + 1);
}

// Where the comment or string that starts at `i` ends (its last character), as the parser sees it; `i` itself for any other character.
std::size_t end_of_token(std::string_view text, std::size_t i) {
  constexpr std::string_view kEndsLine{"\n\r\0", 3};
  if (text.substr(i, 2) == "//") return std::min(text.find_first_of(kEndsLine, i + 2), text.size());
  if (text.substr(i, 2) == "/*") {
    const auto at = text.find("*/", i + 2);
    return at == std::string_view::npos ? text.size() : at + 1;
  }
  if (text[i] != '"') return i;
  for (++i; i < text.size() && text[i] != '"'; ++i)
    if (text[i] == '\\') ++i;
  return i;
}

// Bracket depth outside strings and comments; cheap and before the parser recurses into anything.
int depth_of(std::string_view text) {
  int depth = 0, deepest = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    i = end_of_token(text, i);
    const char c = i < text.size() ? text[i] : ' ';
    if (c == '{' || c == '[')
      deepest = std::max(deepest, ++depth);
    else if (c == '}' || c == ']')
      --depth;
  }
  return deepest;
}

struct PlacedKey {
  std::string_view key;
  std::size_t at;  // where it stands in the text
  friend auto operator<=>(const PlacedKey&, const PlacedKey&) = default;
};
using PlacedKeys = std::vector<PlacedKey>;

// A key in quotes as the parser reads it; `unescaped` holds what differs from the text.
std::string_view key_of(std::string_view quoted, std::deque<std::string>& unescaped) {
  if (quoted.find('\\') == std::string_view::npos) return quoted.substr(1, quoted.size() - 2);
  return unescaped.emplace_back(Json::parse(quoted).get<std::string>());
}

// The later of two that are equal. Puts them in order.
const PlacedKey* repeated_from(PlacedKeys::iterator first, PlacedKeys& keys) {
  std::sort(first, keys.end());
  const auto twice = std::adjacent_find(first, keys.end(), [](const PlacedKey& a, const PlacedKey& b) { return a.key == b.key; });
  return twice == keys.end() ? nullptr : &*std::next(twice);
}

// Of two equal keys in an object the parser would let the last win, and it tells no places: the text is gone through once more. Empty
// where there are none. Requires: `text` is valid.
std::string complaint_about_keys(std::string_view text) {
  std::deque<std::string> unescaped;
  PlacedKeys keys;                                                    // of all open objects, the innermost last
  std::vector<std::ptrdiff_t> objects;                                // where the keys of each begin
  std::size_t string_at = 0, string_ends = 0;                         // the last one: a colon makes it a key
  for (std::size_t i = 0; i < text.size() && text[i] != '\0'; ++i) {  // where the parser, too, sees the end
    const std::size_t token = i;
    i = end_of_token(text, i);
    if (text[token] == '"') string_at = token, string_ends = i + 1;
    if (text[token] == ':') keys.push_back({key_of(text.substr(string_at, string_ends - string_at), unescaped), string_at});
    if (text[token] == '{') objects.push_back(std::ssize(keys));
    if (text[token] != '}' || objects.empty()) continue;
    const auto first = keys.begin() + objects.back();
    if (const PlacedKey* twice = repeated_from(first, keys))
      return fmt::format("{}: \"{}\" stands twice in one object; keep one of them", place_of(text, twice->at + 1), twice->key);
    keys.erase(first, keys.end());
    objects.pop_back();
  }
  return {};
}

std::string kind_of(const Json& value) {
  if (value.is_null()) return "null";
  return std::string{value.is_structured() ? "an " : "a "} + value.type_name();
}

Error expected(std::string_view what, const Json& value) { return error(fmt::format("expected {}, got {}", what, kind_of(value))); }

// Both share a prefix of three letters or differ in length by at most two with the same first letter.
bool looks_like(std::string_view a, std::string_view b) {
  if (a.empty() || b.empty()) return false;
  return a.substr(0, 3) == b.substr(0, 3) || (a.front() == b.front() && std::max(a.size(), b.size()) - std::min(a.size(), b.size()) <= 2);
}

template <class T, class Parse>
Result<T> parsed_text(const Json& value, std::string_view what, Parse parse) {
  if (!value.is_string()) return expected(what, value);
  return parse(value.get_ref<const std::string&>());
}

}  // namespace

Result<Json> parse_json(std::string_view text) {
  if (depth_of(text) > kDeepest) return error(fmt::format("nested deeper than {} levels", kDeepest));
  try {
    Json document = Json::parse(text, nullptr, true, /*ignore_comments=*/true);
    if (std::string complaint = complaint_about_keys(text); !complaint.empty()) return error(std::move(complaint));
    return document;
  } catch (const nlohmann::json::parse_error& failure) {
    std::string_view reason{failure.what()};
    if (const auto at = reason.find("syntax error"); at != std::string_view::npos) reason.remove_prefix(at);
    return error(fmt::format("{}: {}", place_of(text, failure.byte), reason));
  } catch (const nlohmann::json::exception& failure) {
    return error(failure.what());
  }
}

Json read_json_file(const std::string& file) {
  const Result<std::string> text = read_file(file);
  if (!text.has_value()) throw InvalidInput(file, {{"", text.error().message}});
  Result<Json> document = parse_json(*text);
  if (!document.has_value()) throw InvalidInput(file, {{"", document.error().message}});
  return std::move(*document);
}

void throw_if_any(const std::string& file, const std::vector<Problem>& problems) {
  if (!problems.empty()) throw InvalidInput(file, problems);
}

template <>
Result<std::string> from_json_value(const Json& value) {
  if (!value.is_string()) return expected("a string", value);
  return value.get<std::string>();
}
template <>
Result<bool> from_json_value(const Json& value) {
  if (!value.is_boolean()) return expected("true or false", value);
  return value.get<bool>();
}
template <>
Result<double> from_json_value(const Json& value) {
  if (!value.is_number()) return expected("a number", value);
  const auto number = value.get<double>();
  if (!std::isfinite(number)) return error("is not a finite number");
  return number;
}
template <>
Result<std::int64_t> from_json_value(const Json& value) {
  if (!value.is_number_integer()) return expected("a whole number", value);
  if (value.is_number_unsigned() && value.get<std::uint64_t>() > static_cast<std::uint64_t>(INT64_MAX)) return error("is too large");
  return value.get<std::int64_t>();
}
template <>
Result<std::uint64_t> from_json_value(const Json& value) {
  if (!value.is_number_unsigned() && !(value.is_number_integer() && value.get<std::int64_t>() >= 0))
    return expected("a whole number, 0 or more", value);
  return value.get<std::uint64_t>();
}
template <>
Result<Duration> from_json_value(const Json& value) {
  return parsed_text<Duration>(value, "a duration such as \"90s\"", parse_duration);
}
template <>
Result<Bitrate> from_json_value(const Json& value) {
  return parsed_text<Bitrate>(value, "a rate such as \"2.5mbit\"", parse_bitrate);
}
template <>
Result<ByteCount> from_json_value(const Json& value) {
  return parsed_text<ByteCount>(value, "a size such as \"64KiB\"", parse_size);
}

JsonObject::JsonObject(const Json& value, std::string path, std::vector<Problem>& problems)
    : value_{&value}, path_{std::move(path)}, problems_{&problems} {
  if (!value.is_object()) {
    problem("", fmt::format("expected an object, got {}", kind_of(value)));
    static const Json kEmpty = Json::object();
    value_ = &kEmpty;
  }
}

bool JsonObject::has(std::string_view name) const { return value_->contains(name); }

std::vector<std::string> JsonObject::texts(std::string_view name) {
  const Json* list = take(name);
  if (list == nullptr) return {};
  if (list->is_array() && std::ranges::all_of(*list, [](const Json& each) { return each.is_string(); }))
    return list->get<std::vector<std::string>>();
  problem(name, "expected a list of texts");
  return {};
}

const Json* JsonObject::take(std::string_view name) {
  read_.emplace(name);
  const auto at = value_->find(name);
  return at == value_->end() ? nullptr : &*at;
}

std::optional<JsonObject> JsonObject::object(std::string_view name) {
  const Json* field = take(name);
  if (field == nullptr) return std::nullopt;
  return JsonObject{*field, path_of(name), *problems_};
}

JsonObject JsonObject::required_object(std::string_view name) {
  static const Json kEmpty = Json::object();
  const Json* field = take(name);
  if (field == nullptr) missing(name);
  return JsonObject{field == nullptr ? kEmpty : *field, path_of(name), *problems_};
}

std::vector<JsonObject> JsonObject::objects(std::string_view name) {
  std::vector<JsonObject> out;
  const Json* field = take(name);
  if (field == nullptr) return out;
  if (!field->is_array()) {
    problem(name, fmt::format("expected an array of objects, got {}", kind_of(*field)));
    return out;
  }
  for (std::size_t i = 0; i < field->size(); ++i) out.emplace_back((*field)[i], fmt::format("{}[{}]", path_of(name), i), *problems_);
  return out;
}

std::vector<std::pair<std::string, JsonObject>> JsonObject::entries() {
  std::vector<std::pair<std::string, JsonObject>> out;
  for (const auto& item : value_->items()) {
    read_.emplace(item.key());
    out.emplace_back(item.key(), JsonObject{item.value(), path_of(item.key()), *problems_});
  }
  return out;
}

std::string JsonObject::path_of(std::string_view name) const {
  if (name.empty()) return path_;
  return path_.empty() ? std::string{name} : fmt::format("{}.{}", path_, name);
}

void JsonObject::problem(std::string_view name, std::string message) { problems_->push_back({path_of(name), std::move(message)}); }

void JsonObject::missing(std::string_view name) { problem(name, "is required and missing"); }

void JsonObject::finish() {
  for (const auto& item : value_->items()) {
    if (read_.contains(item.key())) continue;
    std::string known;
    for (const std::string& name : read_)
      if (looks_like(item.key(), name) && !value_->contains(name)) known += (known.empty() ? "" : ", ") + name;
    problem(item.key(), known.empty() ? "is not a known field" : fmt::format("is not a known field; did you mean {}?", known));
  }
}

}  // namespace base

#include "harness/scenario/override.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace harness {
namespace {

using base::Json;
using Step = std::variant<std::string, std::size_t>;  // a field, or an element

constexpr std::size_t kDeepest = 32;

// Up to the next dot or bracket; braces protect what they hold.
std::string take_name(std::string_view& path) {
  std::size_t n = 0;
  int braces = 0;
  while (n < path.size() && (braces > 0 || (path[n] != '.' && path[n] != '['))) {
    braces += path[n] == '{' ? 1 : path[n] == '}' ? -1 : 0;
    ++n;
  }
  std::string name{path.substr(0, n)};
  path.remove_prefix(n);
  return name;
}

// "[3]".
std::optional<std::size_t> take_index(std::string_view& path) {
  const std::size_t close = path.find(']');
  if (close == std::string_view::npos) return std::nullopt;
  std::size_t index = 0;
  const auto [end, failure] = std::from_chars(path.data() + 1, path.data() + close, index);
  if (failure != std::errc{} || end != path.data() + close) return std::nullopt;
  path.remove_prefix(close + 1);
  return index;
}

std::optional<std::vector<Step>> parse_path(std::string_view path) {
  std::vector<Step> steps;
  while (true) {
    const std::string name = take_name(path);
    if (name.empty() || steps.size() >= kDeepest) return std::nullopt;
    steps.emplace_back(name);
    while (path.starts_with('[')) {
      const auto index = take_index(path);
      if (!index || steps.size() >= kDeepest) return std::nullopt;
      steps.emplace_back(*index);
    }
    if (path.empty()) return steps;
    if (path.front() != '.') return std::nullopt;
    path.remove_prefix(1);
  }
}

base::Result<Json*> enter(Json& at, const Step& step) {
  if (const auto* name = std::get_if<std::string>(&step)) {
    if (at.is_null()) at = Json::object();
    if (!at.is_object())
      return base::error(fmt::format("cannot be set: there is a {} where the field \"{}\" should be", at.type_name(), *name));
    return &at[*name];
  }
  const std::size_t index = std::get<std::size_t>(step);
  if (!at.is_array()) return base::error(fmt::format("cannot be set: element [{}] of something that is not an array", index));
  if (index >= at.size()) return base::error(fmt::format("cannot be set: there is no element [{}], the array has {}", index, at.size()));
  return &at[index];
}

}  // namespace

base::Result<void> apply_override(Json& document, std::string_view path, std::string_view value) {
  const auto steps = parse_path(path);
  if (!steps) return base::error("is not a path to set; write it like audience.sessions or audience.cohorts[0].share");
  Json* at = &document;
  for (const Step& step : *steps) {
    const base::Result<Json*> next = enter(*at, step);
    if (!next.has_value()) return next.error();
    at = *next;
  }
  base::Result<Json> parsed = base::parse_json(value);
  if (!parsed.has_value() && (value.starts_with('{') || value.starts_with('['))) return parsed.error();
  *at = parsed.has_value() ? std::move(*parsed) : Json(std::string{value});
  return {};
}

}  // namespace harness

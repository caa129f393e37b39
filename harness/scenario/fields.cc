#include "harness/scenario/fields.h"

namespace harness {
namespace {

bool is_alphanumeric(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

void report_out_of_range(base::JsonObject& object, std::string_view name, const std::string& low, const std::string& high,
                         const std::string& given) {
  object.problem(name, fmt::format("must be between {} and {}, got {}", low, high, given));
}

}  // namespace

void report_missing(base::JsonObject& object, std::string_view name, std::string_view example) {
  object.problem(name, fmt::format("is required and missing; for example \"{}\": {}", name, example));
}

std::optional<base::Duration> within(base::JsonObject& object, std::string_view name, std::optional<base::Duration> value,
                                     base::Duration low, base::Duration high) {
  if (!value || (*value >= low && *value <= high)) return value;
  report_out_of_range(object, name, base::to_text(low), base::to_text(high), base::to_text(*value));
  return std::nullopt;
}

std::optional<double> within(base::JsonObject& object, std::string_view name, std::optional<double> value, double low, double high) {
  if (!value || (*value >= low && *value <= high)) return value;
  report_out_of_range(object, name, fmt::format("{:g}", low), fmt::format("{:g}", high), fmt::format("{:g}", *value));
  return std::nullopt;
}

std::optional<std::int64_t> within(base::JsonObject& object, std::string_view name, std::optional<std::int64_t> value, std::int64_t low,
                                   std::int64_t high) {
  if (!value || (*value >= low && *value <= high)) return value;
  report_out_of_range(object, name, std::to_string(low), std::to_string(high), std::to_string(*value));
  return std::nullopt;
}

std::optional<base::Bitrate> within_reach(base::JsonObject& object, std::string_view name, std::optional<base::Bitrate> value) {
  constexpr base::Bitrate kLow = base::Bitrate::bits_per_second(1'000);
  constexpr base::Bitrate kHigh = base::Bitrate::bits_per_second(100'000'000'000);
  if (!value || (*value >= kLow && *value <= kHigh)) return value;
  report_out_of_range(object, name, base::to_text(kLow), base::to_text(kHigh), base::to_text(*value));
  return std::nullopt;
}

void check_count(base::JsonObject& object, std::string_view name, std::size_t count) {
  if (count > kMostEntries) object.problem(name, fmt::format("has {} entries; at most {} are supported", count, kMostEntries));
}

std::optional<std::string> name_problem(std::string_view text, const NameForm& form) {
  const auto fits = [&](char c) {
    return is_alphanumeric(c) || std::string_view{"._-"}.find(c) != std::string_view::npos || form.also.find(c) != std::string_view::npos;
  };
  const bool is_name =
      !text.empty() && text.size() <= form.longest && is_alphanumeric(text.front()) && std::all_of(text.begin(), text.end(), fits);
  if (is_name) return std::nullopt;
  return fmt::format("\"{}\" is not a name; use letters, digits and . _ -{}{}, starting with a letter or a digit, at most {} of them",
                     text.substr(0, 64), form.also.empty() ? "" : " ", form.also, form.longest);
}

std::optional<std::string> name_field(base::JsonObject& object, std::string_view name, const NameForm& form) {
  auto text = object.optional<std::string>(name);
  if (!text) return text;
  const auto problem = name_problem(*text, form);
  if (!problem) return text;
  object.problem(name, *problem);
  return std::nullopt;
}

std::optional<std::string> required_name(base::JsonObject& object, std::string_view name, std::string_view example) {
  if (!object.has(name)) report_missing(object, name, example);
  return name_field(object, name);
}

}  // namespace harness

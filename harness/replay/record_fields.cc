#include "harness/replay/record_fields.h"

#include <fmt/format.h>

namespace harness {
namespace {

using base::JsonObject;

template <class T>
std::optional<T> nullable(JsonObject& object, std::string_view name, T low, T high) {
  const base::Json* field = object.take(name);
  if (field == nullptr || field->is_null()) return std::nullopt;
  const base::Result<T> value = base::from_json_value<T>(*field);
  if (!value.has_value()) return object.problem(name, value.error().message), std::nullopt;
  if (*value < low || *value > high)
    return object.problem(name, fmt::format("is {}; it must be from {} to {}", *value, low, high)), std::nullopt;
  return *value;
}

template <class T>
T required(JsonObject& object, std::string_view name, T low, T high) {
  const base::Json* field = object.take(name);
  if (field == nullptr || field->is_null())
    return object.problem(name, fmt::format("is required and missing; give a number from {} to {}", low, high)), low;
  return nullable(object, name, low, high).value_or(low);
}

}  // namespace

double required_number(JsonObject& object, std::string_view name, double low, double high) { return required(object, name, low, high); }

std::int64_t required_integer(JsonObject& object, std::string_view name, std::int64_t low, std::int64_t high) {
  return required(object, name, low, high);
}

std::optional<double> nullable_number(JsonObject& object, std::string_view name, double low, double high) {
  return nullable(object, name, low, high);
}

std::optional<std::int64_t> nullable_integer(JsonObject& object, std::string_view name, std::int64_t low, std::int64_t high) {
  return nullable(object, name, low, high);
}

std::vector<double> required_numbers(JsonObject& object, std::string_view name, double low, double high) {
  std::vector<double> numbers;
  const base::Json* field = object.take(name);
  if (field == nullptr || !field->is_array() || field->empty()) return object.problem(name, "must be a list of numbers"), numbers;
  for (std::size_t i = 0; i < field->size(); ++i) {
    const base::Result<double> value = base::from_json_value<double>((*field)[i]);
    const bool good = value.has_value() && *value >= low && *value <= high;
    if (!good) return object.problem(fmt::format("{}[{}]", name, i), fmt::format("must be a number from {} to {}", low, high)), numbers;
    numbers.push_back(*value);
  }
  return numbers;
}

base::Duration from_milliseconds(double ms) { return base::from_seconds(ms / 1000); }

std::optional<base::Duration> nullable_time(JsonObject& object, std::string_view name) {
  const auto ms = nullable_number(object, name, -kLongestTime, kLongestTime);
  return ms ? std::optional{from_milliseconds(*ms)} : std::nullopt;
}

base::Duration required_time(JsonObject& object, std::string_view name) {
  return from_milliseconds(required_number(object, name, -kLongestTime, kLongestTime));
}

}  // namespace harness

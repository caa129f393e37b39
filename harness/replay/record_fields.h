// Reading of the fields that recordings, content tables and link traces are made of: numbers within a range, and lists of them. A
// problem goes to the object's list and the fallback comes back, so that reading goes on to the next problem.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_reader.h"

namespace harness {

// What a number would have to be: "must be from 0 to 10".
double required_number(base::JsonObject& object, std::string_view name, double low, double high);
std::int64_t required_integer(base::JsonObject& object, std::string_view name, std::int64_t low, std::int64_t high);
// Absent and null are the same.
std::optional<double> nullable_number(base::JsonObject& object, std::string_view name, double low, double high);
std::optional<std::int64_t> nullable_integer(base::JsonObject& object, std::string_view name, std::int64_t low, std::int64_t high);
// A list of numbers; its first fault is the problem.
std::vector<double> required_numbers(base::JsonObject& object, std::string_view name, double low, double high);

// What `read(document, problems)` makes of a JSON file. Throws base::InvalidInput with all problems.
template <class Read>
auto read_checked(const std::string& file, Read read) {
  std::vector<base::Problem> problems;
  const base::Json document = base::read_json_file(file);
  auto result = read(document, problems);
  base::throw_if_any(file, problems);
  return result;
}

// How many problems a list may have before reading stops: a file in the wrong unit has one for each entry.
inline constexpr std::size_t kMostProblems = 20;

// Times in recordings are milliseconds with fractions; none lasts longer than a day.
inline constexpr double kLongestTime = 86'400'000;
base::Duration from_milliseconds(double ms);
std::optional<base::Duration> nullable_time(base::JsonObject& object, std::string_view name);
base::Duration required_time(base::JsonObject& object, std::string_view name);

}  // namespace harness

// Reads configuration from JSON (comments allowed) and collects every problem with its path, instead of stopping at the first.
//
//   std::vector<Problem> problems;
//   JsonObject root{document, "", problems};
//   const std::string name = root.required<std::string>("name");
//   const Duration duration = root.optional<Duration>("duration", 60s);
//   for (JsonObject cohort : root.objects("cohorts")) { … }
//   root.finish();                                    // anything not asked for is an unknown field
//   throw_if_any(file, problems);
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/errors.h"
#include "base/result.h"
#include "base/units.h"

namespace base {

using Json = nlohmann::ordered_json;

// Parses text; on a syntax error the problem names line and column. Depth above 64 is refused.
Result<Json> parse_json(std::string_view text);
// Reads and parses a file. Throws InvalidInput (missing, unreadable, malformed, larger than 64 MiB).
Json read_json_file(const std::string& file);
void throw_if_any(const std::string& file, const std::vector<Problem>& problems);

// How a JSON value becomes a T; the error is a sentence without the path. Specialised for the types below; add one for each
// enumeration that a file may name.
template <class T>
Result<T> from_json_value(const Json& value);
template <>
Result<std::string> from_json_value(const Json& value);
template <>
Result<bool> from_json_value(const Json& value);
template <>
Result<double> from_json_value(const Json& value);
template <>
Result<std::int64_t> from_json_value(const Json& value);
template <>
Result<std::uint64_t> from_json_value(const Json& value);
template <>
Result<Duration> from_json_value(const Json& value);  // "1m30s"
template <>
Result<Bitrate> from_json_value(const Json& value);  // "2.5mbit"
template <>
Result<ByteCount> from_json_value(const Json& value);  // "64KiB"

class JsonObject {
 public:
  // `value` must outlive the reader. A value that is not an object is one problem; every read of it then gives defaults.
  JsonObject(const Json& value, std::string path, std::vector<Problem>& problems);

  bool has(std::string_view name) const;
  // A missing or wrong field is a problem and gives T{}.
  template <class T>
  T required(std::string_view name) {
    const Json* field = take(name);
    if (field == nullptr) return missing(name), T{};
    return converted<T>(*field, name, T{});
  }
  template <class T>
  T optional(std::string_view name, T fallback) {
    const Json* field = take(name);
    return field == nullptr ? fallback : converted<T>(*field, name, std::move(fallback));
  }
  template <class T>
  std::optional<T> optional(std::string_view name) {
    const Json* field = take(name);
    if (field == nullptr) return std::nullopt;
    Result<T> result = from_json_value<T>(*field);
    if (result.has_value()) return std::move(*result);
    problem(name, result.error().message);
    return std::nullopt;
  }
  // The nested object, or nullopt when absent.
  std::optional<JsonObject> object(std::string_view name);
  JsonObject required_object(std::string_view name);
  // The elements of an array of objects, empty when absent.
  std::vector<JsonObject> objects(std::string_view name);
  // The elements of an array of texts, empty when absent.
  std::vector<std::string> texts(std::string_view name);
  // The raw value (for one-of forms), or null. Counts as read.
  const Json* take(std::string_view name);
  // Members of a free-form object (names chosen by the user): name and reader of each. Counts all as read.
  std::vector<std::pair<std::string, JsonObject>> entries();

  // Records a problem at a field of this object (name "" = at the object itself).
  void problem(std::string_view name, std::string message);
  std::string path_of(std::string_view name) const;
  std::vector<Problem>& problems() const { return *problems_; }
  // Every field that was not read is an unknown field; the message lists the known ones that look alike.
  void finish();

 private:
  void missing(std::string_view name);
  template <class T>
  T converted(const Json& field, std::string_view name, T fallback) {
    Result<T> result = from_json_value<T>(field);
    if (result.has_value()) return std::move(*result);
    problem(name, result.error().message);
    return fallback;
  }
  const Json* value_;
  std::string path_;
  std::vector<Problem>* problems_;
  std::set<std::string, std::less<>> read_;
};

}  // namespace base

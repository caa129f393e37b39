// Reading of single fields with the messages that scenario files deserve: what is missing is shown by example, a name that is not
// known comes with the known ones, and a quantity out of range with its range. Every problem goes to the object's list; what comes
// back is absent where the field was.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "base/json_reader.h"
#include "base/text.h"
#include "harness/gate/known_names.h"
#include "harness/scenario/names.h"

namespace harness {

// `example` is JSON: "\"60s\"".
void report_missing(base::JsonObject& object, std::string_view name, std::string_view example);
template <class T>
std::optional<T> required_field(base::JsonObject& object, std::string_view name, std::string_view example) {
  if (!object.has(name)) report_missing(object, name, example);
  return object.optional<T>(name);
}

// One of the words of an enumeration; `kind` is what the word names ("arrival shape").
template <class E, std::size_t N>
std::optional<E> word_field(base::JsonObject& object, std::string_view name, std::string_view kind,
                            const std::array<EnumName<E>, N>& names) {
  const auto word = object.optional<std::string>(name);
  if (!word) return std::nullopt;
  for (const auto& each : names)
    if (each.name == *word) return each.value;
  object.problem(name, unknown_name(kind, *word, all_names(names)));
  return std::nullopt;
}
template <class E, std::size_t N>
std::optional<E> required_word(base::JsonObject& object, std::string_view name, std::string_view kind,
                               const std::array<EnumName<E>, N>& names) {
  if (!object.has(name)) object.problem(name, fmt::format("is required and missing; known: {}", joined(all_names(names))));
  return word_field(object, name, kind, names);
}

// Records a problem and gives nothing unless low <= value <= high.
std::optional<base::Duration> within(base::JsonObject& object, std::string_view name, std::optional<base::Duration> value,
                                     base::Duration low, base::Duration high);
std::optional<double> within(base::JsonObject& object, std::string_view name, std::optional<double> value, double low, double high);
std::optional<std::int64_t> within(base::JsonObject& object, std::string_view name, std::optional<std::int64_t> value, std::int64_t low,
                                   std::int64_t high);
// Above zero and at most 100 Gbit/s.
std::optional<base::Bitrate> within_reach(base::JsonObject& object, std::string_view name, std::optional<base::Bitrate> value);

// No list of a scenario is longer: a file beyond that is a mistake, and judging it would take for ever.
inline constexpr std::size_t kMostEntries = 1'000;
// Records a problem when there are more.
void check_count(base::JsonObject& object, std::string_view name, std::size_t count);

// Names go into file names, tags and tables: letters, digits and . _ - (and those of `also`), starting with a letter or a digit.
struct NameForm {
  std::string_view also;
  std::size_t longest;
};
inline constexpr NameForm kPlainName{"", 64};
inline constexpr NameForm kCohortName{"/", 256};  // "desktop-hlsjs/fibre/eu/direct"
std::optional<std::string> name_problem(std::string_view text, const NameForm& form = kPlainName);
std::optional<std::string> name_field(base::JsonObject& object, std::string_view name, const NameForm& form = kPlainName);
std::optional<std::string> required_name(base::JsonObject& object, std::string_view name, std::string_view example);

}  // namespace harness

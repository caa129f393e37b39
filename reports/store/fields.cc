#include "reports/store/fields.h"

#include <limits>

#include "base/json_reader.h"

namespace reports {
namespace {

using base::Json;

template <class T>
std::string dumped(const T& value) {
  return Json(value).dump(-1, ' ', false, Json::error_handler_t::replace);
}

// Every element of a JSON array through `take`, which says whether it could use it.
bool each_element(const std::string& text, auto&& take) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_array()) return false;
  for (const Json& element : json)
    if (!take(element)) return false;
  return true;
}

bool each_member(const std::string& text, auto&& take) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return false;
  for (const auto& [name, value] : json.items())
    if (!take(name, value)) return false;
  return true;
}

}  // namespace

std::string json_text(const std::vector<double>& list) { return dumped(list); }
std::string json_text(const std::vector<std::string>& list) { return dumped(list); }
std::string json_text(const std::map<std::string, std::string>& map) { return dumped(map); }
std::string json_text(const std::map<std::string, std::uint32_t>& map) { return dumped(map); }
std::string json_text(const Histogram& histogram) { return dumped(histogram); }

bool from_json_text(const std::string& text, std::vector<double>& list) {
  return each_element(text, [&](const Json& element) {
    if (element.is_number()) list.push_back(element.get<double>());
    return element.is_number();
  });
}

bool from_json_text(const std::string& text, std::vector<std::string>& list) {
  return each_element(text, [&](const Json& element) {
    if (element.is_string()) list.push_back(element.get<std::string>());
    return element.is_string();
  });
}

bool from_json_text(const std::string& text, std::map<std::string, std::string>& map) {
  return each_member(text, [&](const std::string& name, const Json& value) {
    if (value.is_string()) map.emplace(name, value.get<std::string>());
    return value.is_string();
  });
}

bool from_json_text(const std::string& text, std::map<std::string, std::uint32_t>& map) {
  return each_member(text, [&](const std::string& name, const Json& value) {
    if (value.is_number_unsigned()) map.emplace(name, value.get<std::uint32_t>());
    return value.is_number_unsigned();
  });
}

bool from_json_text(const std::string& text, Histogram& histogram) {
  return each_element(text, [&](const Json& bucket) {
    const bool fits = bucket.is_array() && bucket.size() == 2 && bucket[0].is_number() && bucket[1].is_number_unsigned();
    if (fits) histogram.emplace_back(bucket[0].get<double>(), bucket[1].get<std::uint64_t>());
    return fits;
  });
}

void read_field(const SQLite::Column& column, double& field) {
  field = column.isNull() ? std::numeric_limits<double>::quiet_NaN() : column.getDouble();
}

void read_field(const SQLite::Column& column, std::optional<double>& field) {
  field = column.isNull() ? std::nullopt : std::optional{column.getDouble()};
}

}  // namespace reports

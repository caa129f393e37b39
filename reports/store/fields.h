// How one field of a row becomes an SQLite value and back: numbers and text as they are, lists and maps as JSON text.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <concepts>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace reports {

using Histogram = std::vector<std::pair<double, std::uint64_t>>;

// A column whose text is not what this store writes there. Caught by the reader, which names the file.
struct DamagedField {
  std::string column;
};

// The declared type of a column.
template <class T>
constexpr const char* sql_type() {
  if constexpr (std::integral<T> || std::same_as<T, std::optional<std::uint64_t>>) return "INTEGER";
  if constexpr (std::same_as<T, double> || std::same_as<T, std::optional<double>>) return "REAL";
  return "TEXT";
}

std::string json_text(const std::vector<double>& list);
std::string json_text(const std::vector<std::string>& list);
std::string json_text(const std::map<std::string, std::string>& map);
std::string json_text(const std::map<std::string, std::uint32_t>& map);
std::string json_text(const Histogram& histogram);

// Each: false when `text` is no JSON of that shape.
bool from_json_text(const std::string& text, std::vector<double>& list);
bool from_json_text(const std::string& text, std::vector<std::string>& list);
bool from_json_text(const std::string& text, std::map<std::string, std::string>& map);
bool from_json_text(const std::string& text, std::map<std::string, std::uint32_t>& map);
bool from_json_text(const std::string& text, Histogram& histogram);

// What is bound has to stay as it is until the statement has been executed: text is not copied.
// SQLite has signed 64-bit integers only; larger unsigned ones (a seed) keep their bits.
void bind_field(SQLite::Statement& statement, int index, const std::integral auto& field) {
  statement.bind(index, static_cast<std::int64_t>(field));
}
inline void bind_field(SQLite::Statement& statement, int index, double field) { statement.bind(index, field); }
inline void bind_field(SQLite::Statement& statement, int index, const std::string& field) { statement.bindNoCopy(index, field); }
inline void bind_field(SQLite::Statement& statement, int index, const std::optional<double>& field) {
  field ? statement.bind(index, *field) : statement.bind(index);
}
inline void bind_field(SQLite::Statement& statement, int index, const std::optional<std::uint64_t>& field) {
  field ? statement.bind(index, static_cast<std::int64_t>(*field)) : statement.bind(index);
}
template <class T>
void bind_field(SQLite::Statement& statement, int index, const T& field) {
  statement.bind(index, json_text(field));
}

void read_field(const SQLite::Column& column, std::integral auto& field) {
  field = static_cast<std::remove_reference_t<decltype(field)>>(column.getInt64());
}
// SQLite keeps a not-a-number as NULL.
void read_field(const SQLite::Column& column, double& field);
void read_field(const SQLite::Column& column, std::optional<double>& field);
inline void read_field(const SQLite::Column& column, std::optional<std::uint64_t>& field) {
  field = column.isNull() ? std::nullopt : std::optional{static_cast<std::uint64_t>(column.getInt64())};
}
inline void read_field(const SQLite::Column& column, std::string& field) { field = column.getString(); }
template <class T>
void read_field(const SQLite::Column& column, T& field) {
  if (!from_json_text(column.getString(), field)) throw DamagedField{column.getName()};
}

}  // namespace reports

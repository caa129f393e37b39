// One table of run.db made from its column list: its schema, writing a row, reading all rows.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "reports/store/columns.h"
#include "reports/store/fields.h"

namespace reports {

// "id, cohort, …"
template <class R>
std::string column_list() {
  std::string list;
  const R row{};
  each_column(row, [&](std::string_view name, const auto&) { list.append(list.empty() ? "" : ", ").append(name); });
  return list;
}

template <class R>
std::string create_sql() {
  const Table table = kTable<R>;
  // INT, not INTEGER: the latter would be an alias of the rowid, which takes no default.
  std::string columns = std::same_as<R, RunRow> ? "one INT DEFAULT 1 CHECK (one = 1)" : "";
  const R row{};
  each_column(row, [&](std::string_view name, const auto& field) {
    const char* type = sql_type<std::remove_cvref_t<decltype(field)>>();
    columns.append(columns.empty() ? "" : ", ").append(name).append(" ").append(type);
  });
  if (!table.key.empty()) columns.append(", PRIMARY KEY (").append(table.key).append(")");
  return std::string{"CREATE TABLE "}.append(table.name).append(" (").append(columns).append(")");
}

template <class R>
std::string insert_sql() {
  const Table table = kTable<R>;
  std::string marks, updates;
  const R row{};
  each_column(row, [&](std::string_view name, const auto&) {
    marks.append(marks.empty() ? "?" : ", ?");
    updates.append(updates.empty() ? "" : ", ").append(name).append(" = excluded.").append(name);
  });
  std::string sql = std::string{"INSERT INTO "}.append(table.name) + " (" + column_list<R>() + ") VALUES (" + marks + ")";
  if (!table.key.empty()) sql.append(" ON CONFLICT (").append(table.key).append(") DO UPDATE SET ").append(updates);
  return sql;
}

// The prepared insertion into one table. Belongs to the writer thread.
template <class R>
class TableWriter {
 public:
  explicit TableWriter(SQLite::Database& database) : insert_{database, insert_sql<R>()} {}
  void write(const R& row) {
    int index = 0;
    each_column(row, [&](const char*, const auto& field) { bind_field(insert_, ++index, field); });
    insert_.exec();
    insert_.reset();
  }

 private:
  SQLite::Statement insert_;
};

// The columns that the store at hand has; none when it has no such table. An older one lacks what came later.
inline std::set<std::string, std::less<>> columns_in(SQLite::Database& database, std::string_view table) {
  std::set<std::string, std::less<>> names;
  SQLite::Statement info{database, "SELECT name FROM pragma_table_info(?)"};
  info.bind(1, std::string{table});
  while (info.executeStep()) names.insert(info.getColumn(0).getString());
  return names;
}

template <class R>
std::vector<R> read_all(SQLite::Database& database) {
  const Table table = kTable<R>;
  const auto present = columns_in(database, table.name);
  if (present.empty()) return {};
  std::string list;
  const R none{};
  each_column(none, [&](std::string_view name, const auto&) {
    if (present.contains(name)) list.append(list.empty() ? "" : ", ").append(name);
  });
  SQLite::Statement select{database, "SELECT " + list + " FROM " + std::string{table.name} + " ORDER BY " + std::string{table.order}};
  std::vector<R> rows;
  while (select.executeStep()) {
    R& row = rows.emplace_back();
    int index = 0;
    each_column(row, [&](std::string_view name, auto& field) {
      if (present.contains(name)) read_field(select.getColumn(index++), field);
    });
  }
  return rows;
}

}  // namespace reports

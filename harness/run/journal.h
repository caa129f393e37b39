// Journal: what happens in a run, as rows for the store; knows the time base: zero is the start of the live phase.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "reports/store/run_store.h"

namespace harness {

class Journal {
 public:
  explicit Journal(reports::RunStoreWriter& store) : store_{store} {}

  // Rows written before are held back until the live phase begins, since their times are relative to it.
  void live_begins(base::Instant at);
  bool is_live() const { return live_since_.has_value(); }
  // Seconds after the start of the live phase. Requires: is_live().
  double seconds(base::Instant at) const;

  void phase(base::Instant at, const std::string& name, const std::string& what);
  void message(base::Instant at, const std::string& text);
  void drill(base::Instant at, const std::string& name, const std::string& what);
  void add(reports::Row row) { store_.add(std::move(row)); }
  void add(std::vector<reports::Row> rows) { store_.add(std::move(rows)); }

 private:
  void timeline_row(base::Instant at, std::string kind, std::string name, std::string what);
  struct Held {
    base::Instant at;
    reports::TimelineRow row;
  };
  reports::RunStoreWriter& store_;
  std::optional<base::Instant> live_since_;
  std::vector<Held> held_;
};

}  // namespace harness

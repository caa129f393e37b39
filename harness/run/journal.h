// Journal: what happens in a run, as rows for the store; knows the time base (zero is the start of the live phase) and counts what
// each second's series row needs.
#pragma once

#include <string>
#include <vector>

#include "base/time.h"
#include "base/units.h"
#include "harness/player/events.h"
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
  void note(base::Instant at, base::ViewerId viewer, const Telemetry& what);
  void finished(base::Instant at, base::ViewerId viewer, const Finish& how);
  void add(reports::Row row) { store_.add(std::move(row)); }

  struct Second {
    std::uint32_t errors = 0;
    std::int64_t bytes = 0;
  };
  // Requests that ended since the last call.
  Second take_second() { return std::exchange(second_, {}); }

 private:
  void timeline_row(base::Instant at, std::string kind, std::string name, std::string what);
  struct Held {
    base::Instant at;
    reports::TimelineRow row;
  };
  reports::RunStoreWriter& store_;
  std::optional<base::Instant> live_since_;
  std::vector<Held> held_;
  Second second_;
};

}  // namespace harness

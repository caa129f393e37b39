// run.db: the SQLite store of one run. WAL, one writer thread behind a bounded queue, so the event loop never waits for the disk;
// committed about once a second, so a killed run keeps all but its last second. Reading gives everything back in order.
#pragma once

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "reports/record/rows.h"

namespace reports {

using Row = std::variant<RunRow, SessionRow, EventRow, RequestRow, SeriesRow, DeviceSeriesRow, TimelineRow, DrillRow, KpiRow, GateRow,
                         LinkRow, DeliveryRow>;

// What add() does when the disk is too slow and the queue is at its bound. A real run drops events and requests and says so in
// its notes (everything else is kept); a virtual run, which outruns any disk and must be reproducible, waits.
enum class WhenFull { kDropDetail, kWait };

class RunStoreWriter {
 public:
  // Creates the file (an existing one is replaced). Throws base::RunFailed naming the file.
  explicit RunStoreWriter(const std::string& file, WhenFull when_full = WhenFull::kDropDetail);
  ~RunStoreWriter();  // commits what is queued
  // From one thread; never waits for the disk under kDropDetail. SessionRow (by id), RunRow, DrillRow (by name), KpiRow and
  // GateRow (by metric and tags and threshold), LinkRow (by cohort) and DeliveryRow (by server) replace an earlier row of the same key.
  // After a write error (disk full) rows are dropped and failure() says why.
  void add(Row row);
  void add(std::vector<Row> rows);  // each, in that order
  // Waits until everything added so far is on disk. Throws base::RunFailed ("write FILE: disk full").
  void flush();
  // Empty while all is well. Cheap; the run polls it.
  std::string failure() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// Everything of a stored run but events and requests, which can be large and are read on their own. Sessions come by id, the rest
// in the order in which they were first added.
struct StoredRun {
  RunRow run;
  std::vector<SessionRow> sessions;
  std::vector<SeriesRow> series;
  std::vector<DeviceSeriesRow> device_series;
  std::vector<TimelineRow> timeline;
  std::vector<DrillRow> drills;
  std::vector<KpiRow> kpis;
  std::vector<GateRow> gates;
  std::vector<LinkRow> links;
  std::vector<DeliveryRow> delivery{};
};

// Throws base::InvalidInput naming the file when it is missing, not a store, or of an unknown schema version. A store of an older
// schema reads as if it held nothing of what came later.
StoredRun read_run(const std::string& file);
std::vector<EventRow> read_events(const std::string& file);
std::vector<RequestRow> read_requests(const std::string& file);

}  // namespace reports

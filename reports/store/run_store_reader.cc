#include <fmt/format.h>
#include <sqlite3.h>

#include <filesystem>

#include "base/errors.h"
#include "reports/store/run_store.h"
#include "reports/store/table.h"

namespace reports {
namespace {

constexpr int kReadPatienceMs = 5'000;  // for a writer that is just committing

[[noreturn]] void refuse(const std::string& file, std::string reason) { throw base::InvalidInput(file, {{"", std::move(reason)}}); }

int pragma(SQLite::Database& database, const char* name) { return database.execAndGet(fmt::format("PRAGMA {}", name)).getInt(); }

void check_schema(SQLite::Database& database, const std::string& file) {
  if (pragma(database, "application_id") != kApplicationId) refuse(file, "is not the store of a run; give a run directory");
  const int version = pragma(database, "user_version");
  if (version >= kOldestSchema && version <= kSchemaVersion) return;
  refuse(file, fmt::format("has store schema {}, this program reads {} to {}; read it with the version that wrote it", version,
                           kOldestSchema, kSchemaVersion));
}

// What `read` makes of the opened store, every failure as InvalidInput.
template <class Read>
auto with_store(const std::string& file, Read read) {
  if (!std::filesystem::is_regular_file(file)) refuse(file, "no such file; give a run directory");
  try {
    SQLite::Database database{file, SQLite::OPEN_READONLY, kReadPatienceMs};
    check_schema(database, file);
    return read(database);
  } catch (const DamagedField& damaged) {
    refuse(file, fmt::format("is damaged: column {} holds text of another shape", damaged.column));
  } catch (const SQLite::Exception& problem) {
    if (problem.getErrorCode() == SQLITE_NOTADB) refuse(file, "is not the store of a run (no SQLite file); give a run directory");
    refuse(file, fmt::format("cannot be read: {}", problem.what()));
  }
}

// A run that was killed before it stored its own row.
RunRow unfinished() {
  RunRow run;
  run.verdict = "inconclusive";
  run.outcome = "interrupted";
  run.outcome_reason = "the run ended before it stored what it was";
  return run;
}

}  // namespace

StoredRun read_run(const std::string& file) {
  return with_store(file, [](SQLite::Database& database) {
    const SQLite::Transaction one_moment{database};  // a run in progress is read as it was at one instant
    const std::vector<RunRow> runs = read_all<RunRow>(database);
    return StoredRun{.run = runs.empty() ? unfinished() : runs.front(),
                     .sessions = read_all<SessionRow>(database),
                     .series = read_all<SeriesRow>(database),
                     .device_series = read_all<DeviceSeriesRow>(database),
                     .timeline = read_all<TimelineRow>(database),
                     .drills = read_all<DrillRow>(database),
                     .kpis = read_all<KpiRow>(database),
                     .gates = read_all<GateRow>(database),
                     .links = read_all<LinkRow>(database),
                     .delivery = read_all<DeliveryRow>(database)};
  });
}

std::vector<EventRow> read_events(const std::string& file) { return with_store(file, read_all<EventRow>); }
std::vector<RequestRow> read_requests(const std::string& file) { return with_store(file, read_all<RequestRow>); }

}  // namespace reports

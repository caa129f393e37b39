#include "reports/store/run_store.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "base/errors.h"
#include "reports/store/table.h"

namespace reports {
namespace {

using testing::AllOf;
using testing::HasSubstr;

// A directory of its own for each test, gone afterwards.
class RunStore : public testing::Test {
 protected:
  RunStore() {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    directory_ = testing::TempDir() + "run-store-" + test->name() + "-" + std::to_string(::getpid());
    std::filesystem::create_directories(directory_);
  }
  ~RunStore() override {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }
  std::string file() const { return directory_ + "/run.db"; }

  // Runs `body` in a child process, which ends without any clean-up (as when killed); Returns: its exit status.
  template <class Body>
  static int in_child(Body body) {
    const pid_t child = ::fork();
    if (child == 0) {
      int status = 1;
      try {
        status = body();
      } catch (const std::exception& problem) {
        std::fprintf(stderr, "%s\n", problem.what());
      }
      ::_exit(status);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

  template <class Call>
  static std::string invalid_input(Call call) {
    try {
      call();
    } catch (const base::InvalidInput& problem) {
      return problem.what();
    }
    return "no InvalidInput";
  }

  std::string directory_;
};

// Distinct values in every column, so that two swapped columns show.
template <class R>
R filled() {
  R row;
  int n = 0;
  const auto fill = [&]<class T>(const char* name, T& field) {
    ++n;
    if constexpr (std::same_as<T, bool>)
      field = true;
    else if constexpr (std::is_arithmetic_v<T>)
      field = static_cast<T>(n * 3 + (std::floating_point<T> ? 0.1 : 0));
    else if constexpr (std::same_as<T, std::string>)
      field = std::string{name} + " ✓ 'quoted'";
    else if constexpr (std::same_as<T, std::optional<double>>)
      field = n + 0.7;
    else if constexpr (std::same_as<T, std::optional<std::uint64_t>>)
      field = static_cast<std::uint64_t>(n) * 5;
    else if constexpr (std::same_as<T, std::vector<double>>)
      field = {0.1, 1e300, n + 0.3};
    else if constexpr (std::same_as<T, std::vector<std::string>>)
      field = {"first", "sec\"ond"};
    else if constexpr (std::same_as<T, Histogram>)
      field = {{0.25, 3}, {0.5, std::uint64_t{1} << 60}};
    else
      field = {{"800000", {}}, {name, {}}};
  };
  each_column(row, fill);
  return row;
}

// Every column as text, for comparison.
template <class R>
std::vector<std::string> texts(const R& row) {
  std::vector<std::string> all;
  each_column(row, [&](const char* name, const auto& field) { all.push_back(name + (": " + testing::PrintToString(field))); });
  return all;
}

RunRow run_named(const std::string& scenario) {
  RunRow run;
  run.scenario = scenario;
  return run;
}

TEST_F(RunStore, GivesBackEveryColumnOfEveryRowType) {
  {
    RunStoreWriter writer{file()};
    [&]<class... R>(std::type_identity<std::variant<R...>>) { (writer.add(filled<R>()), ...); }(std::type_identity<Row>{});
  }
  const StoredRun stored = read_run(file());
  EXPECT_EQ(texts(stored.run), texts(filled<RunRow>()));
  EXPECT_EQ(texts(stored.sessions.at(0)), texts(filled<SessionRow>()));
  EXPECT_EQ(texts(stored.series.at(0)), texts(filled<SeriesRow>()));
  EXPECT_EQ(texts(stored.device_series.at(0)), texts(filled<DeviceSeriesRow>()));
  EXPECT_EQ(texts(stored.timeline.at(0)), texts(filled<TimelineRow>()));
  EXPECT_EQ(texts(stored.drills.at(0)), texts(filled<DrillRow>()));
  EXPECT_EQ(texts(stored.kpis.at(0)), texts(filled<KpiRow>()));
  EXPECT_EQ(texts(stored.gates.at(0)), texts(filled<GateRow>()));
  EXPECT_EQ(texts(stored.links.at(0)), texts(filled<LinkRow>()));
  EXPECT_EQ(texts(stored.delivery.at(0)), texts(filled<DeliveryRow>()));
  EXPECT_EQ(texts(read_events(file()).at(0)), texts(filled<EventRow>()));
  EXPECT_EQ(texts(read_requests(file()).at(0)), texts(filled<RequestRow>()));
}

TEST_F(RunStore, KeepsWhatIsAbsentAbsent) {
  { RunStoreWriter{file()}.add(SessionRow{.id = 7}); }
  const SessionRow session = read_run(file()).sessions.at(0);
  EXPECT_EQ(session.startup_time, std::nullopt);
  EXPECT_TRUE(session.stall_durations.empty());
}

TEST_F(RunStore, KeepsAllBitsOfASeed) {
  RunRow run;
  run.seed = 0xFEDCBA9876543210u;
  { RunStoreWriter{file()}.add(run); }
  EXPECT_EQ(read_run(file()).run.seed, 0xFEDCBA9876543210u);
}

TEST_F(RunStore, ReplacesRowsOfTheSameKeyInPlace) {
  {
    RunStoreWriter writer{file()};
    writer.add(run_named("before"));
    writer.add(DrillRow{.name = "feed", .note = "before"});
    writer.add(DrillRow{.name = "edge"});
    writer.add(KpiRow{.metric = "bitrate", .tags = {{"device", "ios"}}, .count = 1});
    writer.add(KpiRow{.metric = "bitrate", .tags = {{"device", "tv"}}, .count = 2});
    writer.flush();
    writer.add(run_named("after"));
    writer.add(DrillRow{.name = "feed", .note = "after"});
    writer.add(KpiRow{.metric = "bitrate", .tags = {{"device", "ios"}}, .count = 3});
  }
  const StoredRun stored = read_run(file());
  EXPECT_EQ(stored.run.scenario, "after");
  ASSERT_EQ(stored.drills.size(), 2u);
  EXPECT_EQ(stored.drills[0].note, "after");
  ASSERT_EQ(stored.kpis.size(), 2u);
  EXPECT_EQ(stored.kpis[0].count, 3u);
}

TEST_F(RunStore, OrdersSessionsByIdAndEventsByArrival) {
  {
    RunStoreWriter writer{file()};
    for (const std::uint32_t id : {3u, 1u, 2u}) writer.add(SessionRow{.id = id});
    for (const double at : {2.0, 1.0}) writer.add(EventRow{.at = at});
  }
  const StoredRun stored = read_run(file());
  EXPECT_EQ(stored.sessions.at(0).id, 1u);
  EXPECT_EQ(stored.sessions.at(2).id, 3u);
  EXPECT_EQ(read_events(file()).at(0).at, 2.0);
}

TEST_F(RunStore, ReplacesAnEarlierStore) {
  { RunStoreWriter{file()}.add(SessionRow{.id = 1}); }
  { RunStoreWriter{file()}.add(SessionRow{.id = 2}); }
  const StoredRun stored = read_run(file());
  ASSERT_EQ(stored.sessions.size(), 1u);
  EXPECT_EQ(stored.sessions[0].id, 2u);
}

TEST_F(RunStore, IsOnePlainFileOnceClosed) {
  { RunStoreWriter{file()}.add(SessionRow{.id = 1}); }
  EXPECT_FALSE(std::filesystem::exists(file() + "-wal"));
  EXPECT_FALSE(std::filesystem::exists(file() + "-shm"));
}

TEST_F(RunStore, IsReadableWhileItIsWritten) {
  RunStoreWriter writer{file()};
  writer.add(SessionRow{.id = 1});
  writer.flush();
  EXPECT_EQ(read_run(file()).sessions.size(), 1u);
  writer.add(SessionRow{.id = 2});
  writer.flush();
  EXPECT_EQ(read_run(file()).sessions.size(), 2u);
}

TEST_F(RunStore, SurvivesAKilledWriter) {
  const int status = in_child([&] {
    auto* writer = new RunStoreWriter{file()};  // never destroyed, as when the process is killed
    writer->add(run_named("premiere"));
    for (std::uint32_t id = 0; id < 1000; ++id) writer->add(SessionRow{.id = id});
    writer->flush();
    writer->add(EventRow{});
    return 0;
  });
  ASSERT_EQ(status, 0);
  const StoredRun stored = read_run(file());
  EXPECT_EQ(stored.run.scenario, "premiere");
  EXPECT_EQ(stored.sessions.size(), 1000u);
}

TEST_F(RunStore, CallsARunWithoutItsOwnRowInterrupted) {
  { RunStoreWriter{file()}.add(SessionRow{.id = 1}); }
  const RunRow run = read_run(file()).run;
  EXPECT_EQ(run.outcome, "interrupted");
  EXPECT_EQ(run.verdict, "inconclusive");
}

TEST_F(RunStore, KeepsAHundredThousandRequests) {
  {
    RunStoreWriter writer{file()};
    for (int i = 0; i < 100'000; ++i)
      writer.add(RequestRow{
          .at = i * 0.001, .session = 7, .kind = "segment", .url = "http://127.0.0.1:8080/live/720p/seg-1234.m4s", .status = 200});
  }
  const std::vector<RequestRow> requests = read_requests(file());
  ASSERT_EQ(requests.size(), 100'000u);
  EXPECT_EQ(requests.back().at, 99.999);
}

TEST_F(RunStore, DropsOnlyDetailBeyondItsBoundAndSaysHowMuch) {
  constexpr int kBound = 131'072, kLost = 500;
  {
    RunStoreWriter writer{file()};
    SQLite::Database other{file(), SQLite::OPEN_READWRITE};
    other.exec("BEGIN IMMEDIATE");  // the disk takes nothing until COMMIT
    for (int i = 0; i < kBound + kLost; ++i) writer.add(EventRow{.at = static_cast<double>(i)});
    for (std::uint32_t id = 0; id < 100; ++id) writer.add(SessionRow{.id = id});
    writer.add(run_named("burst"));
    other.exec("COMMIT");
  }
  const StoredRun stored = read_run(file());
  EXPECT_EQ(read_events(file()).size(), static_cast<std::size_t>(kBound));
  EXPECT_EQ(stored.sessions.size(), 100u);
  ASSERT_EQ(stored.run.notes.size(), 1u);
  EXPECT_THAT(stored.run.notes[0], HasSubstr("500 events and 0 requests are missing"));
}

TEST_F(RunStore, LosesNothingWhenAskedToWait) {
  constexpr std::size_t kRows = 300'000;
  {
    RunStoreWriter writer{file(), WhenFull::kWait};
    for (std::size_t i = 0; i < kRows; ++i) writer.add(EventRow{.at = static_cast<double>(i)});
    writer.add(run_named("virtual"));
  }
  EXPECT_EQ(read_events(file()).size(), kRows);
  EXPECT_TRUE(read_run(file()).run.notes.empty());
}

TEST_F(RunStore, TakesMoreRowsAtOnceThanItHasRoomForInTheirOrder) {
  constexpr std::size_t kRows = 50'000;
  {
    RunStoreWriter writer{file(), WhenFull::kWait};
    std::vector<Row> rows;
    for (std::size_t i = 0; i < kRows; ++i) rows.emplace_back(EventRow{.at = static_cast<double>(i)});
    writer.add(std::move(rows));
  }
  const std::vector<EventRow> events = read_events(file());
  ASSERT_EQ(events.size(), kRows);
  for (std::size_t i = 0; i < kRows; ++i) ASSERT_EQ(events[i].at, static_cast<double>(i));
}

TEST_F(RunStore, NamesFileAndReasonWhenItCannotBeCreated) {
  for (const char* place : {"/missing/run.db", "/dev/null/run.db"}) {
    const std::string where = place[1] == 'm' ? directory_ + place : place;
    try {
      RunStoreWriter writer{where};
      FAIL() << where;
    } catch (const base::RunFailed& problem) {
      EXPECT_THAT(problem.what(), AllOf(HasSubstr("create " + where + ": "), HasSubstr("directory")));
    }
  }
}

// Writes batches until the store fails. Returns: 0 when both failure() and flush() then say `reason`.
int write_until_it_fails(const std::string& file, const std::string& reason) {
  RunStoreWriter writer{file};
  writer.add(run_named("full"));
  writer.flush();
  const std::string long_url(500, 'u');
  try {
    for (int i = 0; i < 1'000'000 && writer.failure().empty(); ++i) {
      writer.add(RequestRow{.url = long_url});
      if (i % 200 == 0) writer.flush();
    }
    writer.flush();
  } catch (const base::RunFailed& problem) {
    const std::string text = problem.what();
    if (text.starts_with("write " + file + ": " + reason) && text == writer.failure()) return 0;
    std::fprintf(stderr, "said: %s\n", text.c_str());
    return 2;
  }
  return 3;
}

TEST_F(RunStore, SaysWhyAFileSizeLimitStoppedIt) {
  const int status = in_child([&] {
    const rlimit limit{1u << 20, 1u << 20};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    return write_until_it_fails(file(), "File too large");
  });
  EXPECT_EQ(status, 0);
  EXPECT_EQ(read_run(file()).run.scenario, "full");
  EXPECT_GT(read_requests(file()).size(), 100u);
}

constexpr int kMayNotMount = 77;

// A real full disk: a file system of 1 MiB that only the child sees.
int fill_a_small_disk(const std::string& directory) {
  if (::unshare(CLONE_NEWNS) != 0 || ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return kMayNotMount;
  if (::mount("tmpfs", directory.c_str(), "tmpfs", 0, "size=1m") != 0) return kMayNotMount;
  const std::string file = directory + "/run.db";
  if (const int status = write_until_it_fails(file, "disk full"); status != 0) return status;
  return read_run(file).run.scenario == "full" && read_requests(file).size() > 100 ? 0 : 4;
}

TEST_F(RunStore, KeepsEarlierDataReadableOnAFullDisk) {
  const int status = in_child([&] { return fill_a_small_disk(directory_); });
  if (status == kMayNotMount) GTEST_SKIP() << "a file system of our own needs the privilege to mount";
  EXPECT_EQ(status, 0);
}

TEST_F(RunStore, RefusesAMissingFile) {
  EXPECT_THAT(invalid_input([&] { read_run(file()); }), AllOf(HasSubstr(file()), HasSubstr("no such file")));
}

TEST_F(RunStore, RefusesAFileThatIsNoStore) {
  std::ofstream{file()} << std::string(2000, 'x');
  EXPECT_THAT(invalid_input([&] { read_run(file()); }), AllOf(HasSubstr(file()), HasSubstr("is not the store of a run")));
}

TEST_F(RunStore, RefusesAnotherProgramsDatabase) {
  SQLite::Database{file(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE}.exec("CREATE TABLE notes (text)");
  EXPECT_THAT(invalid_input([&] { read_events(file()); }), HasSubstr("is not the store of a run"));
}

TEST_F(RunStore, RefusesAnotherSchemaVersion) {
  { RunStoreWriter{file()}.add(SessionRow{}); }
  SQLite::Database{file(), SQLite::OPEN_READWRITE}.exec("PRAGMA user_version = 99");
  EXPECT_THAT(invalid_input([&] { read_run(file()); }), HasSubstr("store schema 99, this program reads 1 to 8"));
}

TEST_F(RunStore, ReadsAStoreFromBeforeThereWereLinks) {
  {
    RunStoreWriter writer{file()};
    writer.add(filled<RunRow>());
    writer.add(filled<SessionRow>());
  }
  SQLite::Database{file(), SQLite::OPEN_READWRITE}.exec(
      "DROP TABLE links; ALTER TABLE run DROP COLUMN link_lateness_p50_ms; ALTER TABLE run DROP COLUMN link_lateness_p99_ms;"
      "PRAGMA user_version = 1");
  const StoredRun stored = read_run(file());
  RunRow expected = filled<RunRow>();
  expected.harness.link_lateness_p50_ms = expected.harness.link_lateness_p99_ms = std::nullopt;
  EXPECT_EQ(texts(stored.run), texts(expected));
  EXPECT_EQ(texts(stored.sessions.at(0)), texts(filled<SessionRow>()));
  EXPECT_TRUE(stored.links.empty());
}

TEST_F(RunStore, ReadsAStoreFromBeforeThereWasASeriesOfEachDevice) {
  {
    RunStoreWriter writer{file()};
    writer.add(filled<SeriesRow>());
  }
  SQLite::Database{file(), SQLite::OPEN_READWRITE}.exec(
      "DROP TABLE device_series; ALTER TABLE series DROP COLUMN downlink; PRAGMA user_version = 3");
  const StoredRun stored = read_run(file());
  SeriesRow expected = filled<SeriesRow>();
  expected.downlink = std::nullopt;
  EXPECT_EQ(texts(stored.series.at(0)), texts(expected));
  EXPECT_TRUE(stored.device_series.empty());
}

TEST_F(RunStore, ReadsAStoreFromBeforeThereWasADelivery) {
  { RunStoreWriter{file()}.add(filled<SeriesRow>()); }
  SQLite::Database{file(), SQLite::OPEN_READWRITE}.exec("DROP TABLE delivery; PRAGMA user_version = 4");
  const StoredRun stored = read_run(file());
  EXPECT_EQ(texts(stored.series.at(0)), texts(filled<SeriesRow>()));
  EXPECT_TRUE(stored.delivery.empty());
}

// A region may have any name.
TEST_F(RunStore, KeepsServersOfOneNameApartByTheirRoles) {
  {
    RunStoreWriter writer{file()};
    for (const char* role : {"edge", "shield"}) {
      DeliveryRow row;
      row.server = "shield-1";
      row.role = role;
      writer.add(row);
    }
  }
  EXPECT_EQ(read_run(file()).delivery.size(), 2u);
}

TEST_F(RunStore, ReadsADeliveryFromBeforeItKnewWhoWasThereAtItsLimit) {
  { RunStoreWriter{file()}.add(filled<DeliveryRow>()); }
  SQLite::Database{file(), SQLite::OPEN_READWRITE}.exec(
      "ALTER TABLE delivery DROP COLUMN first_limit_connections; PRAGMA user_version = 5");
  DeliveryRow expected = filled<DeliveryRow>();
  expected.first_limit_connections = std::nullopt;
  EXPECT_EQ(texts(read_run(file()).delivery.at(0)), texts(expected));
}

TEST_F(RunStore, ReadsADrillFromBeforeItKnewWhenTheServerNoticed) {
  { RunStoreWriter{file()}.add(filled<DrillRow>()); }
  SQLite::Database{file(), SQLite::OPEN_READWRITE}.exec(
      "ALTER TABLE drills DROP COLUMN noticed_at; ALTER TABLE drills DROP COLUMN noticed; PRAGMA user_version = 7");
  DrillRow expected = filled<DrillRow>();
  expected.noticed_at = std::nullopt;
  expected.noticed.clear();
  EXPECT_EQ(texts(read_run(file()).drills.at(0)), texts(expected));
}

TEST_F(RunStore, NamesTheColumnThatIsDamaged) {
  { RunStoreWriter{file()}.add(SessionRow{}); }
  SQLite::Database{file(), SQLite::OPEN_READWRITE}.exec("UPDATE sessions SET stall_durations = '{]'");
  EXPECT_THAT(invalid_input([&] { read_run(file()); }), AllOf(HasSubstr("damaged"), HasSubstr("stall_durations")));
}

}  // namespace
}  // namespace reports

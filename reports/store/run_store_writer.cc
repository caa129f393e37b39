#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <mutex>
#include <optional>
#include <span>
#include <thread>
#include <tuple>

#include "base/errors.h"
#include "base/time.h"
#include "reports/store/run_store.h"
#include "reports/store/table.h"

namespace reports {
namespace {

// Rows waiting. What drops detail rides out a slow disk: about 20 s of what 5,000 requests a second leave behind. Who waits has no use for
// more than the writer can take up at once; rows are some 500 bytes.
constexpr std::size_t kQueueBound = 131'072, kShortQueueBound = 16'384;
constexpr std::size_t kEarlyCommit = 8'192;  // rows that are not left waiting for the next second
constexpr int kWritePatienceMs = 30'000;     // for another program that has locked the file
constexpr base::Duration kCommitEvery = std::chrono::seconds{1};

// While it lives, threads started by this one take no signals: a file-size limit is then a write error, not the end of the process.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_;
};

// An empty file at the path, with nothing of an earlier store beside it.
std::string emptied(const std::string& file) {
  std::error_code ignored;
  for (const char* suffix : {"-wal", "-shm", "-journal"}) std::filesystem::remove(file + suffix, ignored);
  const int descriptor = ::open(file.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0644);
  if (descriptor < 0) throw base::RunFailed(fmt::format("create {}: {}; choose another directory with --out", file, std::strerror(errno)));
  ::close(descriptor);
  return file;
}

std::string reason_of(const SQLite::Exception& problem, sqlite3* handle) {
  if (problem.getErrorCode() == SQLITE_FULL) return "disk full";
  const int system_error = handle == nullptr ? 0 : sqlite3_system_errno(handle);
  return system_error == 0 ? problem.what() : std::string{std::strerror(system_error)};
}

void create_tables(SQLite::Database& database) {
  database.exec("PRAGMA journal_mode = WAL");
  database.exec("PRAGMA synchronous = NORMAL");
  SQLite::Transaction transaction{database};
  database.exec(fmt::format("PRAGMA application_id = {}", kApplicationId));
  database.exec(fmt::format("PRAGMA user_version = {}", kSchemaVersion));
  [&]<class... R>(std::type_identity<std::variant<R...>>) { (database.exec(create_sql<R>()), ...); }(std::type_identity<Row>{});
  transaction.commit();
}

template <class Variant>
struct WritersOf;
template <class... R>
struct WritersOf<std::variant<R...>> {
  explicit WritersOf(SQLite::Database& database) : each{(static_cast<void>(sizeof(R)), database)...} {}
  std::tuple<TableWriter<R>...> each;
};

}  // namespace

// The producer's side (add, flush, failure) under the mutex; the database belongs to the writer thread once that runs.
class RunStoreWriter::Impl {
 public:
  Impl(const std::string& file, WhenFull when_full) : file_{file}, when_full_{when_full} {
    emptied(file);
    try {
      const SignalsBlocked blocked;
      database_.emplace(file, SQLite::OPEN_READWRITE | SQLite::OPEN_NOMUTEX, kWritePatienceMs);  // one thread at a time
      create_tables(*database_);
      writers_.emplace(*database_);
      thread_ = std::thread{&Impl::write_until_stopped, this};
    } catch (const SQLite::Exception& problem) {
      throw base::RunFailed(fmt::format("create {}: {}", file, reason_of(problem, database_ ? database_->getHandle() : nullptr)));
    }
  }

  ~Impl() {
    {
      const std::scoped_lock lock{mutex_};
      stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
  }

  void add(std::span<Row> rows) {
    std::unique_lock lock{mutex_};
    for (Row& row : rows) {
      if (when_full_ == WhenFull::kWait) written_changed_.wait(lock, [&] { return failed_ || !is_full(); });
      if (failed_) return;
      if (is_full() && count_if_droppable(row)) continue;
      queue_.push_back(std::move(row));
      ++added_;
      if (queue_.size() == kEarlyCommit) wake_.notify_one();
    }
  }

  void flush() {
    std::unique_lock lock{mutex_};
    const std::uint64_t through = added_;
    flush_wanted_ = true;
    wake_.notify_one();
    written_changed_.wait(lock, [&] { return failed_ || (written_ >= through && !flush_wanted_); });
    if (failed_) throw base::RunFailed(failure_);
  }

  std::string failure() const {
    if (!failed_) return {};
    const std::scoped_lock lock{mutex_};
    return failure_;
  }

 private:
  bool is_full() const { return queue_.size() + writing_ >= (when_full_ == WhenFull::kWait ? kShortQueueBound : kQueueBound); }
  // Events and requests are detail that a run can lose; everything else is small and is kept.
  bool count_if_droppable(const Row& row) {
    if (std::holds_alternative<EventRow>(row)) return ++dropped_events_, true;
    if (std::holds_alternative<RequestRow>(row)) return ++dropped_requests_, true;
    return false;
  }

  void write_until_stopped() {
    for (bool more = true; more;) {
      std::vector<Row> batch;
      bool sync = false;
      {
        std::unique_lock lock{mutex_};
        wake_.wait_for(lock, kCommitEvery, [&] { return stopping_ || flush_wanted_ || queue_.size() >= kEarlyCommit; });
        more = !stopping_;
        sync = flush_wanted_;
        batch.swap(queue_);
        writing_ = batch.size();
      }
      commit(batch, sync);
    }
    close();
  }

  void commit(const std::vector<Row>& batch, bool sync) {
    std::string failure;
    try {
      if (!failed_) write(batch);
      if (!failed_ && sync) database_->tryExec("PRAGMA wal_checkpoint(PASSIVE)");
    } catch (const SQLite::Exception& problem) {
      failure = fmt::format("write {}: {}; what was stored before stays readable", file_, reason_of(problem, database_->getHandle()));
    }
    const std::scoped_lock lock{mutex_};
    writing_ = 0;
    written_ += batch.size();
    if (sync) flush_wanted_ = false;
    if (!failure.empty()) failure_ = std::move(failure), failed_ = true, queue_.clear();
    written_changed_.notify_all();
  }

  void write(const std::vector<Row>& batch) {
    const std::string lost = lost_note();
    if (batch.empty() && lost == noted_) return;
    SQLite::Transaction transaction{*database_};
    for (const Row& row : batch) std::visit([&](const auto& typed) { write(typed); }, row);
    if (lost != noted_ && run_) write(RunRow{*run_});
    transaction.commit();
    if (run_) noted_ = lost;
  }

  template <class R>
  void write(const R& row) {
    std::get<TableWriter<R>>(writers_->each).write(row);
  }
  // The run's own row also tells what was lost.
  void write(const RunRow& row) {
    run_ = row;
    RunRow with_note = row;
    if (const std::string lost = lost_note(); !lost.empty()) with_note.notes.push_back(lost);
    std::get<TableWriter<RunRow>>(writers_->each).write(with_note);
  }

  std::string lost_note() const {
    const std::scoped_lock lock{mutex_};
    if (dropped_events_ + dropped_requests_ == 0) return {};
    return fmt::format(
        "{} events and {} requests are missing from run.db: the disk was slower than the run ({} rows were waiting); KPIs do not depend on "
        "them",
        dropped_events_, dropped_requests_, kQueueBound);
  }

  // Leaves one plain file, readable from a read-only directory too. A full disk keeps the -wal file, which readers use.
  void close() {
    writers_.reset();
    database_->tryExec("PRAGMA journal_mode = DELETE");
    database_.reset();
  }

  const std::string file_;
  const WhenFull when_full_;
  std::optional<SQLite::Database> database_;
  std::optional<WritersOf<Row>> writers_;
  std::optional<RunRow> run_;  // writer thread only, as is noted_
  std::string noted_;

  mutable std::mutex mutex_;
  std::condition_variable wake_, written_changed_;
  std::vector<Row> queue_;
  std::size_t writing_ = 0;
  std::uint64_t added_ = 0, written_ = 0, dropped_events_ = 0, dropped_requests_ = 0;
  bool stopping_ = false, flush_wanted_ = false;
  std::atomic<bool> failed_ = false;
  std::string failure_;
  std::thread thread_;
};

RunStoreWriter::RunStoreWriter(const std::string& file, WhenFull when_full) : impl_{std::make_unique<Impl>(file, when_full)} {}
RunStoreWriter::~RunStoreWriter() = default;
void RunStoreWriter::add(Row row) { impl_->add({&row, 1}); }
void RunStoreWriter::add(std::vector<Row> rows) { impl_->add(rows); }
void RunStoreWriter::flush() { impl_->flush(); }
std::string RunStoreWriter::failure() const { return impl_->failure(); }

}  // namespace reports

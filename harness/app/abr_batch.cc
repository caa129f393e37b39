#include "harness/app/abr_batch.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>

namespace harness {
namespace {

using namespace std::chrono_literals;

// Shared by the threads. Results and failures are written by one thread each, and read when all have ended.
class BatchWork {
 public:
  explicit BatchWork(const AbrBatch& batch) : batch_{batch}, results_(batch.traces.size()), failures_(batch.traces.size()) {}

  void work() {
    for (std::size_t i = next_++; i < batch_.traces.size() && !stopped_ && !failed_; i = next_++) {
      try {
        results_[i] = play_one(batch_.traces[i]);
      } catch (...) {
        failures_[i] = std::current_exception();
        failed_ = true;  // files before this one are in work already: the first bad one will be found
      }
      const std::lock_guard lock{mutex_};
      done_ += results_[i] ? 1 : 0;
      changed_.notify_one();
    }
    const std::lock_guard lock{mutex_};
    ++ended_;
    changed_.notify_one();
  }

  void watch(unsigned threads, const std::function<bool(std::size_t)>& watcher) {
    std::unique_lock lock{mutex_};
    while (ended_ < threads) {
      const std::size_t done = done_;
      lock.unlock();
      if (!stopped_ && !watcher(done)) stopped_ = true;
      lock.lock();
      changed_.wait_for(lock, 100ms, [&] { return done_ != done || ended_ == threads; });
    }
  }

  std::vector<std::optional<abr::Figures>> results() {
    for (const std::exception_ptr& failure : failures_)
      if (failure) std::rethrow_exception(failure);
    return std::move(results_);
  }

 private:
  std::optional<abr::Figures> play_one(const std::string& file) const {
    const abr::Trace trace = abr::read_trace_file(file, batch_.movie);
    abr::Session session{batch_.movie, trace, batch_.options};
    while (session.step())
      if (stopped_) return std::nullopt;
    return session.figures();
  }

  const AbrBatch& batch_;
  std::vector<std::optional<abr::Figures>> results_;
  std::vector<std::exception_ptr> failures_;
  std::atomic<std::size_t> next_ = 0;
  std::atomic<bool> stopped_ = false, failed_ = false;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t done_ = 0;
  unsigned ended_ = 0;
};

}  // namespace

std::vector<std::optional<abr::Figures>> play_batch(const AbrBatch& batch, const std::function<bool(std::size_t done)>& watch) {
  const auto threads = std::max(1u, std::min(batch.threads, static_cast<unsigned>(batch.traces.size())));
  BatchWork work{batch};
  {
    if (!watch(0)) return std::vector<std::optional<abr::Figures>>(batch.traces.size());
    std::vector<std::jthread> workers;
    for (unsigned i = 0; i < threads; ++i) workers.emplace_back([&work] { work.work(); });
    work.watch(threads, watch);
  }
  return work.results();
}

}  // namespace harness

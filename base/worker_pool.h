// WorkerPool: runs numbered tasks on a fixed number of threads and waits for all of them. What one run's tasks wrote is seen by the caller
// and by the next run's tasks. Which thread runs a task is chance; so tasks must not depend on it.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace base {

class WorkerPool {
 public:
  // The caller of run() is one of the threads. Requires: threads > 0.
  explicit WorkerPool(unsigned threads);
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // Calls task(0) to task(tasks - 1), each once. Rethrows the first exception of a task when all have ended. Not from within a task.
  void run(std::size_t tasks, const std::function<void(std::size_t)>& task);
  unsigned threads() const { return static_cast<unsigned>(workers_.size()) + 1; }

 private:
  void serve();
  void take_tasks();

  std::mutex mutex_;
  std::condition_variable begins_, ends_;
  const std::function<void(std::size_t)>* task_ = nullptr;
  std::size_t tasks_ = 0;
  std::atomic<std::size_t> next_ = 0;
  std::uint64_t round_ = 0;     // of run()
  std::size_t busy_ = 0;        // workers in this round
  std::exception_ptr failure_;  // the first
  bool over_ = false;
  std::vector<std::thread> workers_;
};

}  // namespace base

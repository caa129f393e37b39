#include "base/worker_pool.h"

#include <utility>

#include "base/ensure.h"

namespace base {

WorkerPool::WorkerPool(unsigned threads) {
  ENSURE(threads > 0);
  for (unsigned i = 1; i < threads; ++i) workers_.emplace_back([this] { serve(); });
}

WorkerPool::~WorkerPool() {
  {
    const std::lock_guard lock{mutex_};
    over_ = true;
  }
  begins_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

void WorkerPool::run(std::size_t tasks, const std::function<void(std::size_t)>& task) {
  {
    const std::lock_guard lock{mutex_};
    task_ = &task;
    tasks_ = tasks;
    next_ = 0;
    // A single task is the caller's.
    busy_ = tasks > 1 ? workers_.size() : 0;
    if (busy_ > 0) ++round_;
  }
  if (busy_ > 0) begins_.notify_all();
  take_tasks();
  std::unique_lock lock{mutex_};
  ends_.wait(lock, [this] { return busy_ == 0; });
  if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
}

void WorkerPool::serve() {
  std::uint64_t served = 0;
  std::unique_lock lock{mutex_};
  for (;;) {
    begins_.wait(lock, [&] { return over_ || round_ != served; });
    if (over_) return;
    served = round_;
    lock.unlock();
    take_tasks();
    lock.lock();
    if (--busy_ == 0) ends_.notify_one();
  }
}

void WorkerPool::take_tasks() {
  for (std::size_t i = next_++; i < tasks_; i = next_++) {
    try {
      (*task_)(i);
    } catch (...) {
      const std::lock_guard lock{mutex_};
      if (!failure_) failure_ = std::current_exception();
    }
  }
}

}  // namespace base

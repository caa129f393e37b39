// For tests: a point that keeps what its publishers send, and reading it.
#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "server/ingest/publish_points.h"

namespace server {

class Taker final : public ConnectionTaker {
 public:
  void take(std::shared_ptr<ByteQueue> bytes, Container container) override {
    const std::lock_guard lock{mutex_};
    taken_.push_back({std::move(bytes), container});
    came_.notify_all();
  }
  // The connection after those that were asked for so. Waits ten seconds at the most, then throws.
  std::shared_ptr<ByteQueue> next() {
    std::unique_lock lock{mutex_};
    came_.wait_for(lock, std::chrono::seconds{10}, [this] { return taken_.size() > asked_; });
    return taken_.at(asked_++).bytes;
  }
  void refused(Refusal refusal, const std::string& reason) override {
    const std::lock_guard lock{mutex_};
    refusals_.emplace_back(refusal, reason);
  }
  std::vector<std::pair<Refusal, std::string>> refusals() {
    const std::lock_guard lock{mutex_};
    return refusals_;
  }
  std::shared_ptr<ByteQueue> connection(std::size_t index) {
    const std::lock_guard lock{mutex_};
    return taken_.at(index).bytes;
  }
  Container container(std::size_t index) {
    const std::lock_guard lock{mutex_};
    return taken_.at(index).container;
  }

 private:
  struct Taken {
    std::shared_ptr<ByteQueue> bytes;
    Container container;
  };
  std::mutex mutex_;
  std::condition_variable came_;
  std::size_t asked_ = 0;
  std::vector<Taken> taken_;
  std::vector<std::pair<Refusal, std::string>> refusals_;
};

inline std::string read_exactly(ByteQueue& queue, std::size_t size) {
  std::string all;
  while (all.size() < size) {
    std::string into(size - all.size(), '\0');
    into.resize(queue.read({reinterpret_cast<std::uint8_t*>(into.data()), into.size()}));
    if (into.empty()) break;
    all += into;
  }
  return all;
}

inline bool has_ended(ByteQueue& queue) { return read_exactly(queue, 1 << 20).size() < 1 << 20; }

}  // namespace server

#include "server/ingest/byte_queue.h"

#include <algorithm>
#include <cstring>

namespace server {

namespace {
constexpr std::size_t kCompactAfter = 1 << 20;
}

bool ByteQueue::push(std::span<const std::span<const char>> pieces) {
  std::size_t size = 0;
  for (const std::span<const char> piece : pieces) size += piece.size();
  {
    const std::lock_guard lock{mutex_};
    if (closed_ || bytes_.size() - read_ + size > capacity_) return false;
    for (const std::span<const char> piece : pieces) bytes_.append(piece.data(), piece.size());
  }
  changed_.notify_one();  // after the lock, which the reader would only meet
  return true;
}

std::size_t ByteQueue::read(std::span<std::uint8_t> into) {
  std::unique_lock lock{mutex_};
  changed_.wait(lock, [&] { return closed_ || read_ < bytes_.size(); });
  const std::size_t taken = std::min(into.size(), bytes_.size() - read_);
  std::memcpy(into.data(), bytes_.data() + read_, taken);
  read_ += taken;
  if (read_ == bytes_.size() || read_ >= kCompactAfter) {
    bytes_.erase(0, read_);
    read_ = 0;
  }
  return taken;
}

void ByteQueue::close() {
  const std::lock_guard lock{mutex_};
  closed_ = true;
  changed_.notify_all();
}

bool ByteQueue::is_closed() {
  const std::lock_guard lock{mutex_};
  return closed_;
}

bool ByteQueue::is_rejected() {
  const std::lock_guard lock{mutex_};
  return rejected_;
}

void ByteQueue::abandon() {
  const std::lock_guard lock{mutex_};
  empty_and_close();
}

void ByteQueue::reject() {
  const std::lock_guard lock{mutex_};
  rejected_ = rejected_ || !closed_;
  empty_and_close();
}

void ByteQueue::empty_and_close() {
  closed_ = true;
  bytes_.clear();
  read_ = 0;
  changed_.notify_all();
}

}  // namespace server

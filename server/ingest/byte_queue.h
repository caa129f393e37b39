// ByteQueue: the bytes of one connection on their way from the network thread to the demuxer's thread. Bounded: what does not fit is
// dropped, because the network must never wait for a slow decoder.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <span>
#include <string>

namespace server {

// What the bytes are.
enum class Container { kMpegTs, kFlv };

class ByteQueue {
 public:
  explicit ByteQueue(std::size_t capacity) : capacity_{capacity} {}

  // False: full or closed, the bytes are dropped.
  bool push(std::span<const char> bytes) { return push(std::span{&bytes, 1}); }
  // Pieces that belong together: all of them or none.
  bool push(std::span<const std::span<const char>> pieces);
  // Waits for bytes. Returns how many were read; 0 after close() once all was read.
  std::size_t read(std::span<std::uint8_t> into);
  // The connection has ended: what is queued can still be read.
  void close();
  // The reader is not wanted any more: it gets nothing further.
  void abandon();
  // As abandon(), because the reader can make nothing of the bytes. Without effect on a queue that is closed.
  void reject();
  bool is_closed();
  bool is_rejected();

 private:
  // Requires: mutex_ is held.
  void empty_and_close();
  const std::size_t capacity_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string bytes_;
  std::size_t read_ = 0;  // how much of bytes_ was taken
  bool closed_ = false, rejected_ = false;
};

}  // namespace server

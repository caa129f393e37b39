// QueuedBytes: what a queue limited in bytes holds. A packet takes up its whole size until its last bit has gone, as it does in the
// memory of a device, in the kernel's netem and in the link of the recordings of real players. Pure; one block of memory, which grows.
#pragma once

#include <cstddef>
#include <vector>

#include "base/time.h"
#include "base/units.h"

namespace netem {

class QueuedBytes {
 public:
  // `until`: when its last bit goes; never before that of the one before.
  void add(base::Instant until, base::ByteCount size) {
    if (count_ == ring_.size()) grow();
    ring_[(first_ + count_++) & (ring_.size() - 1)] = {until, size};
    bytes_ += size;
  }
  // `now` never goes back.
  base::ByteCount at(base::Instant now) {
    for (; count_ > 0 && ring_[first_].until <= now; --count_) {
      bytes_ = bytes_ - ring_[first_].size;
      first_ = (first_ + 1) & (ring_.size() - 1);
    }
    return bytes_;
  }

 private:
  struct Packet {
    base::Instant until{};
    base::ByteCount size{};
  };
  void grow() {
    std::vector<Packet> larger(ring_.empty() ? 16 : ring_.size() * 2);
    for (std::size_t i = 0; i < count_; ++i) larger[i] = ring_[(first_ + i) & (ring_.size() - 1)];
    ring_.swap(larger);
    first_ = 0;
  }

  std::vector<Packet> ring_{};  // a power of two
  std::size_t first_ = 0, count_ = 0;
  base::ByteCount bytes_{};
};

}  // namespace netem

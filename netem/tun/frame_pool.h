// FramePool: memory for frames that wait, in a few sizes, given back to itself and bounded as a whole. FrameRef: a share of one frame,
// counted without locks: pool and frames belong to one thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "netem/tun/ip_packet.h"

namespace netem {

class FramePool;

// Its bytes follow it in memory: one cache miss for both.
struct Frame {
  std::span<const std::uint8_t> bytes() const { return {memory, size}; }
  std::uint8_t* memory = nullptr;
  std::uint32_t size = 0;  // bytes used
  std::uint32_t size_class = 0;
  std::uint32_t shares = 0;
  IpPacket packet{};
  FramePool* pool = nullptr;
};

class FrameRef {
 public:
  FrameRef() = default;
  explicit FrameRef(Frame* frame) : frame_{frame} { hold(); }
  FrameRef(const FrameRef& other) : frame_{other.frame_} { hold(); }
  FrameRef(FrameRef&& other) noexcept : frame_{std::exchange(other.frame_, nullptr)} {}
  FrameRef& operator=(FrameRef other) noexcept {
    std::swap(frame_, other.frame_);
    return *this;
  }
  ~FrameRef() { let_go(); }
  explicit operator bool() const { return frame_ != nullptr; }
  Frame& operator*() const { return *frame_; }
  Frame* operator->() const { return frame_; }

 private:
  void hold() {
    if (frame_ != nullptr) ++frame_->shares;
  }
  void let_go() noexcept;
  Frame* frame_ = nullptr;
};

class FramePool {
 public:
  // The largest frame: 64 KiB of IP packet behind its VirtioHeader.
  static constexpr std::size_t kLargest = 65536 + 64;

  explicit FramePool(std::size_t limit) : limit_{limit} {}
  FramePool(const FramePool&) = delete;
  FramePool& operator=(const FramePool&) = delete;
  // Requires: no FrameRef is left.
  ~FramePool();

  // Room for `size` bytes; empty when that would exceed the limit. Requires: size <= kLargest.
  FrameRef take(std::size_t size);
  std::size_t bytes_held() const { return held_; }  // used or kept for use

 private:
  friend class FrameRef;
  // One full packet, the two segments of TCP's usual small train, a dozen, the largest.
  static constexpr std::array<std::size_t, 4> kSizes{2048, 4096, 17408, kLargest};
  static std::size_t cost_of(std::size_t size_class) { return kSizes[size_class] + sizeof(Frame); }
  void give_back(Frame* frame) noexcept;
  void release_spares() noexcept;
  std::size_t limit_;
  std::size_t held_ = 0;
  std::array<std::vector<Frame*>, kSizes.size()> spares_;
};

inline void FrameRef::let_go() noexcept {
  if (frame_ != nullptr && --frame_->shares == 0) frame_->pool->give_back(frame_);
}

}  // namespace netem

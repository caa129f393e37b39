#include "netem/tun/frame_pool.h"

#include <algorithm>
#include <new>
#include <type_traits>

#include "base/ensure.h"

namespace netem {

static_assert(std::is_trivially_destructible_v<Frame>);

FramePool::~FramePool() {
  release_spares();
  ENSURE(held_ == 0);
}

FrameRef FramePool::take(std::size_t size) {
  const auto fits = std::ranges::find_if(kSizes, [size](std::size_t room) { return room >= size; });
  ENSURE(fits != kSizes.end());
  const auto size_class = static_cast<std::size_t>(fits - kSizes.begin());
  auto& spares = spares_[size_class];
  if (!spares.empty()) {
    Frame* frame = spares.back();
    spares.pop_back();
    return FrameRef{frame};
  }
  if (held_ + cost_of(size_class) > limit_) release_spares();
  if (held_ + cost_of(size_class) > limit_) return {};
  held_ += cost_of(size_class);
  auto* room = static_cast<std::uint8_t*>(::operator new(cost_of(size_class)));
  return FrameRef{new (room) Frame{.memory = room + sizeof(Frame), .size_class = static_cast<std::uint32_t>(size_class), .pool = this}};
}

void FramePool::give_back(Frame* frame) noexcept { spares_[frame->size_class].push_back(frame); }

void FramePool::release_spares() noexcept {
  for (auto& spares : spares_) {
    for (Frame* frame : spares) {
      held_ -= cost_of(frame->size_class);
      ::operator delete(frame);
    }
    spares.clear();
  }
}

}  // namespace netem

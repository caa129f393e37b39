// Pool: where objects of one type come and go all the time: each is made in a place that one before it has left, and stays there. Only a
// few places are kept for those to come, so that a crowd that came at once leaves no room behind. Whoever holds one must be gone before its
// pool. Not thread-safe.
#pragma once

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace base {

template <class T>
class Pool {
 public:
  static constexpr std::size_t kMostSpare = 16;
  struct Return {
    void operator()(T* one) const noexcept { pool->take_back(one); }
    Pool* pool = nullptr;
  };
  using Handle = std::unique_ptr<T, Return>;

  Pool() { spare_.reserve(kMostSpare); }
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;
  ~Pool() {
    for (T* place : spare_) std::allocator<T>{}.deallocate(place, 1);
  }

  Handle make() {
    if (spare_.empty()) spare_.push_back(std::allocator<T>{}.allocate(1));
    Handle made{std::construct_at(spare_.back()), Return{this}};
    spare_.pop_back();
    return made;
  }

 private:
  void take_back(T* one) noexcept {
    std::destroy_at(one);
    if (spare_.size() < kMostSpare)
      spare_.push_back(one);
    else
      std::allocator<T>{}.deallocate(one, 1);
  }

  std::vector<T*> spare_;  // places
};

}  // namespace base

// Pool: where objects of one type come and go all the time: each is made in a place that one before it has left, and stays there. Whoever
// holds one must be gone before its pool. Not thread-safe.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <new>
#include <utility>
#include <vector>

namespace base {

template <class T>
class Pool {
 public:
  struct Return {
    void operator()(T* one) const noexcept { pool->take_back(one); }
    Pool* pool = nullptr;
  };
  using Handle = std::unique_ptr<T, Return>;

  Pool() = default;
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  Handle make() {
    if (free_.empty()) grow();
    Handle made{::new (free_.back()) T{}, Return{this}};
    free_.pop_back();
    return made;
  }

 private:
  struct Place {
    alignas(T) std::byte room[sizeof(T)];
  };
  void take_back(T* one) noexcept {
    one->~T();
    free_.push_back(one);  // grow() has left room for it
  }
  void grow() {
    const std::size_t more = std::clamp<std::size_t>(places_, 4, 256);
    free_.reserve(places_ + more);
    Place* const block = blocks_.emplace_back(std::make_unique<Place[]>(more)).get();
    for (std::size_t i = more; i > 0; --i) free_.push_back(&block[i - 1]);
    places_ += more;
  }

  std::vector<std::unique_ptr<Place[]>> blocks_;
  std::vector<void*> free_;
  std::size_t places_ = 0;
};

}  // namespace base

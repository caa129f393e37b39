// Paged<T>: a value for each number, where numbers mostly follow each other and some lie far off: as a vector in pieces, of which there are
// those that were asked for. What was never set is as T is made.
#pragma once

#include <array>
#include <cstddef>
#include <unordered_map>

namespace base {

template <class T, std::size_t kSide = 256>
class Paged {
 public:
  // Stays in its place.
  T& operator[](std::size_t number) { return pages_[number / kSide][number % kSide]; }
  T at(std::size_t number) const {
    const auto page = pages_.find(number / kSide);
    return page == pages_.end() ? T{} : page->second[number % kSide];
  }

 private:
  std::unordered_map<std::size_t, std::array<T, kSide>> pages_;
};

}  // namespace base

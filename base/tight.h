// Vectors without room to spare, for what there are millions of: of few elements each, and seldom grown.
#pragma once

#include <type_traits>
#include <utility>
#include <vector>

namespace base {

// Behind the last one. Where there is no room it is made for this one alone.
template <class T>
T& push_tightly(std::vector<T>& all, std::type_identity_t<T> one) {
  if (all.size() == all.capacity()) all.reserve(all.size() + 1);
  return all.emplace_back(std::move(one));
}

}  // namespace base

// Vectors without room to spare, for what there are millions of: of few elements each, and seldom grown.
#pragma once

#include <vector>

namespace base {

// Where it is full, room is made for one more alone.
template <class T>
std::vector<T>& tight(std::vector<T>& all) {
  if (all.size() == all.capacity()) all.reserve(all.size() + 1);
  return all;
}

}  // namespace base

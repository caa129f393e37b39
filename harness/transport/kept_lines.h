// KeptLines: the lines of a live listing's segments, each written once however many listings name it: a window that moves on drops lines
// in front and has those of new segments written behind. Pure.
#pragma once

#include <cstdint>
#include <deque>
#include <string>

namespace harness {

class KeptLines {
 public:
  // The lines of the segments [first, end); `write(number)` gives those of one.
  template <class Write>
  const std::string& of(std::int64_t first, std::int64_t end, const Write& write) {
    if (first < first_ || first > next() || end < next()) forget(first);
    while (first_ < first) drop_first();
    while (next() < end) {
      const std::string lines = write(next());
      text_ += lines;
      sizes_.push_back(lines.size());
    }
    return text_;
  }
  // All are written again, as they are now.
  void forget() { forget(first_); }

 private:
  std::int64_t next() const { return first_ + std::ssize(sizes_); }
  void forget(std::int64_t first) {
    first_ = first;
    sizes_.clear();
    text_.clear();
  }
  void drop_first() {
    text_.erase(0, sizes_.front());
    sizes_.pop_front();
    ++first_;
  }

  std::int64_t first_ = 0;
  std::deque<std::size_t> sizes_;  // of the lines of each segment from first_ on
  std::string text_;               // theirs, joined
};

}  // namespace harness

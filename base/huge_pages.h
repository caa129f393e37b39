// HugePages: has the kernel back what a process has allocated by huge pages (2 MiB), for what touches a little of a lot of memory all the
// time: then looking up where a page lies is seldom what it waits for. Nothing happens where the system does not allow it. Linux alone.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace base {

struct MemoryRange {
  std::uintptr_t begin = 0, end = 0;
  bool operator==(const MemoryRange&) const = default;
};
// Of /proc/PID/maps: the whole huge pages of what was allocated and belongs to no file. What is larger than `largest` (bytes) is left out:
// it is reserved, not used.
std::vector<MemoryRange> huge_ranges(std::string_view maps, std::uintptr_t largest);

class HugePages {
 public:
  // Once 32 MiB more are resident than at the last time; else it does nothing. Never changes what is in memory.
  void follow();

 private:
  std::int64_t resident_ = 0;  // bytes, then
};

}  // namespace base

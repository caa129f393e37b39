#include "base/huge_pages.h"

#include <sys/mman.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <sstream>
#include <string>

#include "base/process_usage.h"

namespace base {
namespace {

constexpr std::uintptr_t kHugePage = std::uintptr_t{2} << 20;  // bytes, of x86-64 and of ARM with pages of 4 KiB
constexpr std::int64_t kStep = std::int64_t{32} << 20;         // bytes
#ifdef MADV_COLLAPSE
constexpr int kCollapse = MADV_COLLAPSE;
#else
constexpr int kCollapse = 25;  // since Linux 6.1
#endif

// "7f00a0000000-7f00a4000000 rw-p 00000000 00:00 0     [heap]"
MemoryRange range_of(std::string_view line) {
  MemoryRange range;
  const char* const end = line.data() + line.size();
  const auto [dash, bad_begin] = std::from_chars(line.data(), end, range.begin, 16);
  if (bad_begin != std::errc{} || dash == end || *dash != '-') return {};
  const auto [rest, bad_end] = std::from_chars(dash + 1, end, range.end, 16);
  if (bad_end != std::errc{}) return {};
  const std::string_view about{rest, static_cast<std::size_t>(end - rest)};
  const bool is_allocated = about.starts_with(" rw-p ") && (about.ends_with(" 0") || about.ends_with(" ") || about.ends_with("[heap]"));
  return is_allocated ? range : MemoryRange{};
}

}  // namespace

std::vector<MemoryRange> huge_ranges(std::string_view maps, std::uintptr_t largest) {
  std::vector<MemoryRange> ranges;
  while (!maps.empty()) {
    const std::size_t line = std::min(maps.find('\n'), maps.size());
    MemoryRange range = range_of(maps.substr(0, line));
    maps.remove_prefix(std::min(line + 1, maps.size()));
    range.begin = (range.begin + kHugePage - 1) / kHugePage * kHugePage;
    range.end = range.end / kHugePage * kHugePage;
    if (range.begin < range.end && range.end - range.begin <= largest) ranges.push_back(range);
  }
  return ranges;
}

void HugePages::follow() {
  const std::int64_t now = resident_bytes();
  if (now < resident_ + kStep) return;
  resident_ = now;
  std::stringstream maps;
  maps << std::ifstream{"/proc/self/maps"}.rdbuf();
  for (const MemoryRange& range : huge_ranges(maps.view(), 2 * static_cast<std::uintptr_t>(now))) {
    void* const begin = reinterpret_cast<void*>(range.begin);  // NOLINT(performance-no-int-to-ptr): as the kernel says it
    if (::madvise(begin, range.end - range.begin, MADV_HUGEPAGE) != 0) continue;
    ::madvise(begin, range.end - range.begin, kCollapse);  // what is there already
  }
}

}  // namespace base

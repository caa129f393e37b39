#include "base/huge_pages.h"

#include <gtest/gtest.h>

namespace base {
namespace {

constexpr std::uintptr_t kLargest = std::uintptr_t{1} << 40;

TEST(HugePages, TakesTheWholePagesOfWhatWasAllocated) {
  EXPECT_EQ(huge_ranges("00100000-00900000 rw-p 00000000 00:00 0                          [heap]\n"
                        "7f0000000000-7f0000400000 rw-p 00000000 00:00 0 \n",
                        kLargest),
            (std::vector<MemoryRange>{{0x200000, 0x800000}, {0x7f0000000000, 0x7f0000400000}}));
}

TEST(HugePages, LeavesOutWhatBelongsToAFileOrAStackOrIsShared) {
  EXPECT_TRUE(huge_ranges("10000000-20000000 rw-p 00001000 fe:00 1234                       /usr/lib/libc.so.6\n"
                          "30000000-40000000 r--p 00000000 00:00 0 \n"
                          "40000000-50000000 ---p 00000000 00:00 0 \n"
                          "50000000-60000000 rw-s 00000000 00:01 77                         /memfd:ring (deleted)\n"
                          "60000000-70000000 rw-p 00000000 00:00 0                          [stack]\n",
                          kLargest)
                  .empty());
}

TEST(HugePages, LeavesOutWhatHoldsNoWholePage) { EXPECT_TRUE(huge_ranges("00100000-003fffff rw-p 00000000 00:00 0 \n", kLargest).empty()); }

TEST(HugePages, LeavesOutWhatIsMerelyReserved) {
  constexpr std::uintptr_t kMiB = std::uintptr_t{1} << 20;
  const char* maps = "10000000-20000000 rw-p 00000000 00:00 0 \n";
  EXPECT_EQ(huge_ranges(maps, 256 * kMiB).size(), 1u);
  EXPECT_TRUE(huge_ranges(maps, 255 * kMiB).empty());
}

TEST(HugePages, MakesNothingOfWhatItCannotRead) { EXPECT_TRUE(huge_ranges("\nzz-10 rw-p\n10-\n10 20", kLargest).empty()); }

// Three steps' worth: what is there stays as it is, wherever the system lets it lie.
TEST(HugePages, ChangesNothingInMemory) {
  HugePages pages;
  pages.follow();
  std::vector<std::uint32_t> many(std::size_t{24} << 20);
  for (std::size_t i = 0; i < many.size(); ++i) many[i] = static_cast<std::uint32_t>(i * 2'654'435'761u);
  pages.follow();
  for (std::size_t i = 0; i < many.size(); i += 511) ASSERT_EQ(many[i], static_cast<std::uint32_t>(i * 2'654'435'761u));
}

}  // namespace
}  // namespace base

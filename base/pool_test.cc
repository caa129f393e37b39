#include "base/pool.h"

#include <gtest/gtest.h>
#include <malloc.h>

#include <set>
#include <string>

namespace base {
namespace {

struct Pooled {
  Pooled() { ++alive; }
  Pooled(const Pooled&) = delete;
  Pooled& operator=(const Pooled&) = delete;
  ~Pooled() { --alive; }
  std::string text = "new";
  static inline int alive = 0;
};

TEST(Pool, UsesThePlaceOfOneThatIsGone) {
  Pool<Pooled> pool;
  Pool<Pooled>::Handle one = pool.make();
  one->text = "used";
  const Pooled* const place = one.get();
  one.reset();
  EXPECT_EQ(Pooled::alive, 0);
  one = pool.make();
  EXPECT_EQ(one.get(), place);
  EXPECT_EQ(one->text, "new");
}

TEST(Pool, LeavesEachInItsPlaceAsItGrows) {
  Pool<Pooled> pool;
  std::vector<Pool<Pooled>::Handle> all;
  std::set<const Pooled*> places;
  for (int i = 0; i < 1000; ++i) {
    all.push_back(pool.make());
    all.back()->text = std::to_string(i);
    places.insert(all.back().get());
  }
  EXPECT_EQ(places.size(), 1000u);
  EXPECT_EQ(Pooled::alive, 1000);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(all[static_cast<std::size_t>(i)]->text, std::to_string(i));
  all.clear();
  EXPECT_EQ(Pooled::alive, 0);
}

// What a crowd leaves would otherwise be held for as long as the pool is.
TEST(Pool, KeepsFewPlacesOfMany) {
  struct Large {
    char room[4096];
  };
  constexpr std::size_t kMany = 1000;
  Pool<Large> pool;
  const auto heap = [] { return mallinfo2().uordblks + mallinfo2().hblkhd; };
  const std::size_t before = heap();
  std::vector<Pool<Large>::Handle> all;
  for (std::size_t i = 0; i < kMany; ++i) all.push_back(pool.make());
  EXPECT_GT(heap(), before + kMany * sizeof(Large));
  std::vector<Pool<Large>::Handle>{}.swap(all);
  EXPECT_LT(heap(), before + 2 * Pool<Large>::kMostSpare * sizeof(Large));
}

TEST(Pool, TakesNoMorePlacesThanAreInUseAtOnce) {
  Pool<Pooled> pool;
  std::set<const Pooled*> places;
  for (int i = 0; i < 1000; ++i) {
    const Pool<Pooled>::Handle one = pool.make(), other = pool.make();
    places.insert({one.get(), other.get()});
  }
  EXPECT_EQ(places.size(), 2u);
}

}  // namespace
}  // namespace base

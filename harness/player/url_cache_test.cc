#include "harness/player/url_cache.h"

#include <gtest/gtest.h>

namespace harness {
namespace {

TEST(UrlCache, WritesEachOnce) {
  UrlCache cache;
  int written = 0;
  const auto get = [&](std::int64_t number, std::uint32_t place) {
    return cache.get({.number = number, .place = place}, [&] { return std::to_string(++written); });
  };
  EXPECT_EQ(get(1, 0), "1");
  EXPECT_EQ(get(2, 0), "2");
  EXPECT_EQ(get(1, 0), "1");
  EXPECT_EQ(get(1, 1), "3") << "elsewhere";
}

TEST(UrlCache, IsBounded) {
  UrlCache cache;
  const auto most = static_cast<std::int64_t>(UrlCache::kMost);
  for (std::int64_t i = 0; i < 2 * most; ++i) EXPECT_EQ(cache.get({.number = i}, [&] { return std::to_string(i); }), std::to_string(i));
  int written = 0;
  const auto write = [&] { return ++written, std::string{"again"}; };
  EXPECT_EQ(cache.get({.number = most}, write), std::to_string(most));
  EXPECT_EQ(cache.get({.number = 0}, write), "again");
  EXPECT_EQ(written, 1);
}

}  // namespace
}  // namespace harness

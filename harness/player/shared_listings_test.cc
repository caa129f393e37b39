#include "harness/player/shared_listings.h"

#include <gtest/gtest.h>

#include <string>

namespace harness {
namespace {

struct Read {
  int times = 0;
  base::Result<std::string> operator()() {
    ++times;
    return std::string{"said"};
  }
};

TEST(SharedListings, ReadsOnceWhatTheSamePlaceSaysAgain) {
  SharedListings listings;
  Read read;
  const auto get = [&](const char* body, const char* place, int cap) {
    return *listings.get<std::string>(body, place, cap, [&] { return read(); });
  };
  const auto first = get("a", "http://x/", 0);
  EXPECT_EQ(get("a", "http://x/", 0), first);
  EXPECT_EQ(read.times, 1);
  EXPECT_NE(get("a", "http://y/", 0), first) << "elsewhere";
  EXPECT_NE(get("a", "http://x/", 720), first) << "for another screen";
  EXPECT_NE(get("b", "http://x/", 0), first) << "something else";
}

TEST(SharedListings, KeepsOnceWhatPlayersThatAreAlikeAreMadeOf) {
  SharedListings listings;
  EngineTraits traits{.name = "a"};
  const auto first = listings.alike(traits);
  EXPECT_EQ(*first, traits);
  EXPECT_EQ(listings.alike(traits), first);
  traits.element.append = std::chrono::milliseconds{1};
  EXPECT_NE(listings.alike(traits), first);
  EXPECT_EQ(listings.alike(traits)->element.append, std::chrono::milliseconds{1}) << "though nobody holds the one before";
}

TEST(SharedListings, LetsGoOfWhatNobodyHolds) {
  SharedListings listings;
  Read read;
  for (int i = 0; i < 1000; ++i)
    ASSERT_TRUE(listings.get<std::string>(std::to_string(i), "http://x/", 0, [&] { return read(); }).has_value());
  EXPECT_EQ(listings.size(), 0u);
  const auto held = listings.get<std::string>("1", "http://x/", 0, [&] { return read(); });
  EXPECT_EQ(listings.size(), 1u);
}

TEST(SharedListings, PassesErrorsOnAndKeepsNone) {
  SharedListings listings;
  int times = 0;
  const auto get = [&] {
    return listings.get<std::string>("a", "", 0, [&]() -> base::Result<std::string> {
      ++times;
      return base::error("torn");
    });
  };
  EXPECT_EQ(get().error().message, "torn");
  EXPECT_FALSE(get().has_value());
  EXPECT_EQ(times, 2);
}

}  // namespace
}  // namespace harness

#include "server/web/assets.h"

#include <gtest/gtest.h>

namespace server {
namespace {

TEST(Assets, HoldEverythingThatThePageLoads) {
  const std::string page = watch_page("main", "/live/main/master.m3u8");
  for (std::size_t at = page.find("/static/"); at != std::string::npos; at = page.find("/static/", at + 1)) {
    const std::size_t start = at + 8;
    const std::string name = page.substr(start, page.find('"', start) - start);
    EXPECT_TRUE(find_asset(name).has_value()) << name;
  }
}

TEST(Assets, ThePageNamesItsStream) {
  const std::string page = watch_page("main", "/live/main/master.m3u8");
  EXPECT_NE(page.find(R"(data-src="/live/main/master.m3u8")"), std::string::npos);
  EXPECT_EQ(page.find('%'), std::string::npos) << "a mark was left";
}

TEST(Assets, KnowsNoOtherName) {
  for (const char* name : {"", "watch.html", "../watch.js", "HLS.MIN.JS"}) EXPECT_FALSE(find_asset(name).has_value()) << name;
}

}  // namespace
}  // namespace server

#include "server/web/assets.h"

#include <gtest/gtest.h>

namespace server {
namespace {

constexpr PageStream kMain{"main", "/live/main/master.m3u8"};

TEST(Assets, HoldEverythingThatThePagesLoad) {
  for (const std::string& page : {watch_page(kMain), embed_page(kMain, {}), std::string{login_page()}})
    for (std::size_t at = page.find("/static/"); at != std::string::npos; at = page.find("/static/", at + 1)) {
      const std::size_t start = at + 8;
      const std::string name = page.substr(start, page.find('"', start) - start);
      EXPECT_TRUE(find_asset(name).has_value()) << name;
    }
}

TEST(Assets, ThePagesNameTheirStream) {
  for (const std::string& page : {watch_page(kMain), embed_page(kMain, {"https://p.example", "https://q.example"})}) {
    EXPECT_NE(page.find(R"(data-src="/live/main/master.m3u8")"), std::string::npos);
    EXPECT_EQ(page.find('%'), std::string::npos) << "a mark was left";
  }
}

TEST(Assets, TheEmbedPageNamesWhoMayStartIt) {
  EXPECT_NE(embed_page(kMain, {"https://p.example", "https://q.example"}).find(R"(data-origins="https://p.example https://q.example")"),
            std::string::npos);
}

TEST(Assets, KnowsNoOtherName) {
  for (const char* name : {"", "watch.html", "../watch.js", "HLS.MIN.JS"}) EXPECT_FALSE(find_asset(name).has_value()) << name;
}

}  // namespace
}  // namespace server

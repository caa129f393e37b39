#include "harness/player/page_scan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace harness {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const std::string kPage = "https://a.example/show/page.html?x=1";
using Kind = PageAsset::Kind;

TEST(PageScan, FindsStylesAndScriptsInDocumentOrder) {
  EXPECT_THAT(
      assets_of(R"(<!doctype html><link rel="stylesheet" href="/s.css"><body><script src="p.js"></script><SCRIPT SRC='../q.js'>)", kPage),
      ElementsAre(PageAsset{Kind::kStyle, "https://a.example/s.css"}, PageAsset{Kind::kScript, "https://a.example/show/p.js"},
                  PageAsset{Kind::kScript, "https://a.example/q.js"}));
}

TEST(PageScan, FindsPreloadsAndAsksForEachUrlOnce) {
  EXPECT_THAT(assets_of(R"(<link rel=preload as=script href=/a.js><link rel=modulepreload href=/m.js><script src=/a.js></script>)", kPage),
              ElementsAre(PageAsset{Kind::kScript, "https://a.example/a.js"}, PageAsset{Kind::kScript, "https://a.example/m.js"}));
}

TEST(PageScan, ResolvesAgainstTheBaseAndDecodesAmpersands) {
  EXPECT_THAT(assets_of(R"(<base href="https://cdn.example/v2/"><script async src="p.js?a=1&amp;b=2"></script>)", kPage),
              ElementsAre(PageAsset{Kind::kScript, "https://cdn.example/v2/p.js?a=1&b=2"}));
}

TEST(PageScan, PassesOverWhatABrowserDoesNotLoadThere) {
  for (const char* html :
       {"<!-- <script src=/a.js></script> -->", "<noscript><link rel=stylesheet href=/s.css></noscript>",
        "<template><script src=/a.js></template>", "<script>document.write('<script src=/a.js>')</script>",
        "<script type=application/json src=/a.js></script>", "<script nomodule src=/a.js></script>",
        "<link rel=\"alternate stylesheet\" href=/s.css>", "<link rel=icon href=/i.png>", "<link rel=icon href=\"data:,\">",
        "<script src=\"data:text/javascript,1\"></script>", "<img src=/i.png>", "<script src=\"\">"})
    EXPECT_THAT(assets_of(html, kPage), IsEmpty()) << html;
}

TEST(PageScan, EndsOnAnyText) {
  for (const char* html :
       {"", "<", "<script", "<script src", "<script src=", "<script src=\"x", "<!--", "<a =", "<a ==>", "<b \"", "</", "<style>"})
    EXPECT_THAT(assets_of(html, kPage), IsEmpty()) << html;
}

TEST(PageScan, TakesFiveHundredAssetsAtMost) {
  std::string html;
  for (int i = 0; i < 600; ++i) html += "<script src=" + std::to_string(i) + ".js></script>";
  EXPECT_EQ(assets_of(html, kPage).size(), 500u);
}

}  // namespace
}  // namespace harness

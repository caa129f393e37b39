#include "harness/player/entry_path.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace harness {
namespace {

using namespace base::literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr base::Instant kStart{std::chrono::seconds{1000}};

// Answers what runs and keeps what leaves.
class Path {
 public:
  explicit Path(Entrance entry, bool with_token = false) : path{std::move(entry), with_token} {}

  // The URLs of what leaves now.
  std::vector<std::string> leave() {
    std::vector<std::string> out;
    while (const auto fetch = path.next(now, RequestId{++last_})) {
      fetches.push_back(*fetch);
      out.push_back(fetch->url);
    }
    return out;
  }
  base::Result<void> answer(const std::string& url, const std::string& body = {}) {
    for (const EntryPath::Sent& sent : path.running())
      if (sent.url == url) return path.arrived(now, *path.take(sent.id), body);
    ADD_FAILURE() << url << " does not run";
    return {};
  }
  Path& wait(base::Duration time) {
    now += time;
    return *this;
  }
  bool over() const { return path.is_over(now); }

  EntryPath path;
  base::Instant now = kStart;
  std::vector<Fetch> fetches;

 private:
  std::uint32_t last_ = 0;
};

const std::string kPlain = R"(<link rel="stylesheet" href="/s.css"><script src="/p.js"></script><script src="/w.js"></script>)";

TEST(EntryPath, LoadsThePageThenItsAssetsSideBySideThenRunsThePlayer) {
  Path path{{.page = "http://a/watch"}};
  EXPECT_THAT(path.leave(), ElementsAre("http://a/watch"));
  ASSERT_TRUE(path.answer("http://a/watch", kPlain));
  EXPECT_THAT(path.leave(), IsEmpty());
  EXPECT_THAT(path.wait(kPageToAssets).leave(), ElementsAre("http://a/s.css", "http://a/p.js", "http://a/w.js"));
  for (const char* asset : {"http://a/p.js", "http://a/s.css", "http://a/w.js"}) {
    EXPECT_FALSE(path.over());
    ASSERT_TRUE(path.wait(10ms).answer(asset));
  }
  EXPECT_FALSE(path.over());
  EXPECT_EQ(path.path.wake(), path.now + kAssetsToScript);
  EXPECT_TRUE(path.wait(kAssetsToScript).over());
}

TEST(EntryPath, TakesSixConnectionsToAHostAtMost) {
  std::string html = R"(<script src="http://b/0.js"></script>)";
  for (int i = 1; i <= 8; ++i) html += "<script src=\"/" + std::to_string(i) + ".js\"></script>";
  Path path{{.page = "http://a/"}};
  path.leave();
  ASSERT_TRUE(path.answer("http://a/", html));
  EXPECT_THAT(path.wait(kPageToAssets).leave(), ElementsAre("http://b/0.js", "http://a/1.js", "http://a/2.js", "http://a/3.js",
                                                            "http://a/4.js", "http://a/5.js", "http://a/6.js"));
  ASSERT_TRUE(path.answer("http://b/0.js"));
  EXPECT_THAT(path.leave(), IsEmpty());
  ASSERT_TRUE(path.answer("http://a/3.js"));
  EXPECT_THAT(path.leave(), ElementsAre("http://a/7.js"));
}

TEST(EntryPath, AnEmbeddedPlayerIsLedToAndWaitsForItsStart) {
  Path path{{.page = "http://a/embed", .referrer = "https://p.example/", .waits_for_start = true}};
  path.leave();
  EXPECT_THAT(path.fetches[0].headers, ElementsAre(std::pair<std::string, std::string>{"Referer", "https://p.example/"}));
  ASSERT_TRUE(path.answer("http://a/embed", R"(<script src="/e.js"></script>)"));
  path.wait(kPageToAssets).leave();
  EXPECT_THAT(path.fetches[1].headers, ElementsAre(std::pair<std::string, std::string>{"Accept-Encoding", "gzip, deflate"}));
  ASSERT_TRUE(path.answer("http://a/e.js"));
  EXPECT_FALSE(path.wait(kAssetsToScript).over());
  EXPECT_TRUE(path.wait(kMessagesBothWays).over());
}

const Entrance kAccount{.login_page = "http://c/login",
                        .login_url = "http://c/v1/login",
                        .entitlements_url = "http://c/v1/entitlements",
                        .user = "ann",
                        .password = "sesame",
                        .stream = "main",
                        .page = "http://a/watch"};

TEST(EntryPath, AnAccountSignsInAsksWhatItMaySeeAndGetsATokenBeforeThePage) {
  Path path{kAccount, true};
  path.leave();
  ASSERT_TRUE(path.answer("http://c/login"));
  EXPECT_THAT(path.wait(kAssetsToScript + kPageToAssets).leave(), ElementsAre("http://c/v1/login"));
  EXPECT_EQ(path.fetches.back().method, "POST");
  EXPECT_EQ(path.fetches.back().body, R"({"user":"ann","password":"sesame"})");
  ASSERT_TRUE(path.answer("http://c/v1/login", R"({"session":"s1"})"));
  EXPECT_THAT(path.leave(), ElementsAre("http://c/v1/entitlements"));
  EXPECT_THAT(path.fetches.back().headers, ElementsAre(std::pair<std::string, std::string>{"Authorization", "Bearer s1"}));
  ASSERT_TRUE(path.answer("http://c/v1/entitlements", R"({"streams":[{"name":"other"},{"name":"main"}]})"));
  EXPECT_TRUE(path.path.wants_token(path.now));
  EXPECT_THAT(path.leave(), IsEmpty());
  path.path.token_granted(path.now);
  EXPECT_THAT(path.leave(), ElementsAre("http://a/watch"));
}

TEST(EntryPath, AnAccountWithoutTheStreamGetsNoFurther) {
  Entrance entry = kAccount;
  entry.login_page.clear();
  Path path{entry, true};
  path.leave();
  ASSERT_TRUE(path.answer("http://c/v1/login", R"({"session":"s1"})"));
  path.leave();
  const auto taken = path.answer("http://c/v1/entitlements", R"({"streams":[{"name":"other"},7]})");
  ASSERT_FALSE(taken);
  EXPECT_THAT(taken.error().message, HasSubstr("\"ann\" may not see the stream \"main\""));
}

TEST(EntryPath, ALoginWithoutAUsableSessionIsNone) {
  for (const char* body : {"", "[]", "{}", R"({"session":7})", R"({"session":""})", R"({"session":"a\nb"})"}) {
    Path path{{.login_url = "http://c/l"}};
    path.leave();
    EXPECT_FALSE(path.answer("http://c/l", body)) << body;
  }
}

TEST(EntryPath, StylesAreNotVitalScriptsAre) {
  Path path{{.page = "http://a/"}};
  path.leave();
  ASSERT_TRUE(path.answer("http://a/", kPlain));
  path.wait(kPageToAssets).leave();
  for (const EntryPath::Sent& sent : path.path.running()) EXPECT_EQ(sent.vital, sent.url != "http://a/s.css") << sent.url;
}

TEST(EntryPath, WithoutAnyStepIsOverAtOnce) { EXPECT_TRUE(Path{{}}.over()); }

}  // namespace
}  // namespace harness

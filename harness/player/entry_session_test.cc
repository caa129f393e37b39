// Sessions that begin with pages: the path is part of their startup, its requests are reported, its failures are theirs.
#include <gmock/gmock.h>

#include "harness/player/fake_stream.h"

namespace harness::test {
namespace {

PlayerConfig on_page(Entrance entry = {.page = "http://s/watch"}) {
  PlayerConfig config = PlayerScript::config(device(), FakeStream::hls_url(), ContentKind::kVod);
  config.entry = std::move(entry);
  return config;
}

const Reply kPage{.body = R"(<link rel="stylesheet" href="/s.css"><script src="/p.js"></script>)"};

// The fake stream behind a page, an account and a token.
Responder behind_pages(FakeStream& stream) {
  return [&stream](base::Instant now, const Fetch& fetch) -> Reply {
    if (ends_with(fetch.url, "/login")) return {.body = R"({"session":"s1"})", .took = 100ms};
    if (ends_with(fetch.url, "/entitlements")) return {.body = R"({"streams":[{"name":"main"}]})", .took = 100ms};
    if (fetch.kind != RequestKind::kPage) return stream(now, fetch);
    return ends_with(fetch.url, "/watch") ? kPage : Reply{.bytes = 1000_B, .took = 100ms};
  };
}

std::vector<std::string> kinds_asked(const PlayerScript& player, std::size_t most) {
  std::vector<std::string> out;
  for (const Fetch& fetch : player.asked())
    if (out.size() < most) out.emplace_back(to_text(fetch.kind));
  return out;
}

TEST(EntrySession, AsksForTheManifestWhenThePlayersScriptRuns) {
  PlayerScript player{on_page()};
  player.begins().expects_fetch("/watch").expects_no_fetch("master.m3u8").expects_state(PlayerState::kStarting);
  player.receives("/watch", kPage).advances(kPageToAssets).expects_fetch("/s.css").expects_fetch("/p.js");
  player.receives("/s.css").receives("/p.js").expects_no_fetch("master.m3u8");
  player.advances(kAssetsToScript).expects_fetch("master.m3u8");
}

TEST(EntrySession, CountsThePathAsStartupAndReportsItsRequests) {
  FakeStream stream = FakeStream::film();
  FakeStream same = stream;
  PlayerScript with{on_page()}, without{PlayerScript::config(device(), FakeStream::hls_url(), ContentKind::kVod)};
  with.begins().lives(10s, behind_pages(stream));
  without.begins().lives(10s, same.responder());
  const base::Duration path = 100ms + kPageToAssets + 100ms + kAssetsToScript;
  EXPECT_EQ(with.totals().startup_time, *without.totals().startup_time + path);
  EXPECT_EQ(with.totals().requests, without.totals().requests + 3);
  const auto requests = with.said<RequestDone>();
  EXPECT_EQ(std::count_if(requests.begin(), requests.end(), [](const RequestDone& r) { return r.kind == RequestKind::kPage; }), 3);
}

TEST(EntrySession, AnAccountTakesEveryStepInOrder) {
  FakeStream stream = FakeStream::film();
  stream.token = "none yet";
  PlayerConfig config =
      on_page({.login_url = "http://s/login", .entitlements_url = "http://s/entitlements", .stream = "main", .page = "http://s/watch"});
  config.token = FakeStream::token_source();
  PlayerScript player{config};
  player.begins().lives(3s, behind_pages(stream));
  EXPECT_THAT(kinds_asked(player, 7), testing::ElementsAre("login", "entitlements", "token", "page", "page", "page", "manifest"));
  const std::pair<std::string, std::string> session{"Authorization", "Bearer s1"};
  EXPECT_THAT(player.asked()[2].headers, testing::Contains(session));
  player.expects_state(PlayerState::kPlaying);
}

TEST(EntrySession, ThePlayersOwnReportsBeginWithThePlayer) {
  FakeStream stream = FakeStream::film();
  PlayerConfig config = on_page();
  Device shaka = *config.device;
  shaka.engine = EngineKind::kShaka;
  config.device = shaka;
  config.cmcd = CmcdConfig{{.version = 2, .send = CmcdSending::kHeader}, "sid", "cid"};
  PlayerScript player{config};
  player.with_init_beside_segment().begins().lives(10s, behind_pages(stream));
  const base::Duration own = *player.totals().startup_time - (200ms + kPageToAssets + kAssetsToScript);
  const std::string said = "msd=" + std::to_string(std::chrono::round<std::chrono::milliseconds>(own).count());
  const auto says = [&](const Fetch& fetch) {
    return std::any_of(fetch.headers.begin(), fetch.headers.end(),
                       [&](const auto& header) { return header.second.find(said) != std::string::npos; });
  };
  EXPECT_TRUE(std::any_of(player.asked().begin(), player.asked().end(), says)) << said;
}

struct Failing {
  const char* url;
  Reply reply;
  const char* reason;
};

TEST(EntrySession, FailsWithWhatItCouldNotLoad) {
  for (const Failing& each : {Failing{"/watch", {.status = 503}, "HTTP 503 on the page request (http://s/watch)"},
                              Failing{"/watch", {.failure = "refused"}, "connection refused on the page request"},
                              Failing{"/p.js", {.status = 404}, "HTTP 404 on the page request (http://s/p.js)"}}) {
    PlayerScript player{on_page()};
    player.begins();
    if (ends_with("/p.js", each.url)) player.receives("/watch", kPage).advances(kPageToAssets);
    player.receives(each.url, each.reply).expects_finish(Ending::kFailed, each.reason);
    EXPECT_EQ(player.totals().failed_requests, 1u);
    EXPECT_EQ(player.said<Trouble>().size(), 1u);
  }
}

TEST(EntrySession, GoesOnWithoutAStyle) {
  PlayerScript player{on_page()};
  player.begins().receives("/watch", kPage).advances(kPageToAssets).receives("/s.css", {.status = 404}).receives("/p.js");
  player.advances(kAssetsToScript).expects_fetch("master.m3u8");
}

TEST(EntrySession, AWrongPasswordIsTheEnd) {
  PlayerScript player{on_page({.login_url = "http://s/login", .page = "http://s/watch"})};
  player.begins().receives("/login", {.status = 401}).expects_finish(Ending::kFailed, "HTTP 401 on the login request");
}

TEST(EntrySession, PatienceBeginsWithThePage) {
  PlayerConfig impatient = on_page();
  impatient.patience = 5s;
  PlayerScript player{impatient};
  player.begins().advances(4999ms).expects_state(PlayerState::kStarting);
  player.advances(1ms).expects_finish(Ending::kLeftBeforeStart);
}

TEST(EntrySession, StopsItsRequestsWhenTheViewerLeaves) {
  PlayerScript player{on_page()};
  player.begins().receives("/watch", kPage).advances(kPageToAssets).stops().expects_finish(Ending::kStopped);
}

}  // namespace
}  // namespace harness::test

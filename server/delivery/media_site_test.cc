#include "server/delivery/media_site.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/delivery/fake_streams.h"

namespace server {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

constexpr base::UtcTime kNow{std::chrono::seconds{1'800'000'000}};

class MediaSiteTest : public testing::Test {
 protected:
  MediaSiteTest() {
    streams.add_ready("main", AccessPolicy::kOpen);
    streams.add_ready("paid", AccessPolicy::kToken);
    streams.streams["soon"].spec.name = "soon";
    auto& film = streams.add_ready("film", AccessPolicy::kOpen);
    film.spec.kind = StreamKind::kVod;
    auto ended = std::make_shared<Snapshot>(*film.snapshot);
    ended->live = false;
    ended->ended = true;
    film.snapshot = ended;
  }
  Response get(std::string_view target) { return site.answer({.target = target, .host = "media.test:8080"}, kNow); }
  std::string token(const std::string& stream = "paid") { return tokens.issue({.stream = stream, .subject = "ann"}, kNow).access_token; }

  FakeStreams streams;
  TokenAuthority tokens{{.secret = std::string(32, 's')}};
  AuditLog audit{""};
  prometheus::Registry registry, more;
  CmcdLog cmcd{registry};
  MediaSite site{streams, tokens, audit, cmcd, registry};
};

struct Row {
  const char* target;
  int status;
  const char* content_type;
  const char* caching;
};

TEST_F(MediaSiteTest, AnswersEveryKindOfPath) {
  const char* problem = "application/problem+json";
  const char* hls = "application/vnd.apple.mpegurl";
  const char* for_ever = "public, max-age=31536000, immutable";
  const Row rows[] = {
      {"/live/main/master.m3u8", 200, hls, "public, max-age=1"},
      {"/live/main/manifest.mpd", 200, "application/dash+xml", "public, max-age=1"},
      {"/live/main/video-720p/playlist.m3u8", 200, hls, "public, max-age=1"},
      {"/live/main/video-720p/init.mp4", 200, "video/mp4", for_ever},
      {"/live/main/video-720p/3.m4s", 200, "video/mp4", for_ever},
      {"/live/main/video-720p/t540000.m4s", 200, "video/mp4", for_ever},
      {"/live/main/video-720p/99.m4s", 404, problem, "public, max-age=1"},
      {"/live/main/video-1080p/playlist.m3u8", 404, problem, "public, max-age=1"},
      {"/live/main/other.m3u8", 404, problem, "public, max-age=1"},
      {"/live/none/master.m3u8", 404, problem, "public, max-age=1"},
      {"/vod/main/master.m3u8", 404, problem, "public, max-age=1"},
      {"/vod/film/master.m3u8", 200, hls, "public, max-age=300"},
      {"/vod/film/manifest.mpd", 200, "application/dash+xml", "public, max-age=300"},
      {"/live/soon/master.m3u8", 503, problem, "no-store"},
      {"/live/paid/master.m3u8", 401, problem, "no-store"},
      {"/live/paid/video-720p/3.m4s", 401, problem, "no-store"},
      {"/live/nothere/x/y.m4s?token=junk", 404, problem, "public, max-age=1"},
      {"/watch/main", 200, "text/html; charset=utf-8", "no-cache"},
      {"/watch/none", 404, "text/html; charset=utf-8", "public, max-age=1"},
      {"/embed/main", 200, "text/html; charset=utf-8", "no-cache"},
      {"/embed/none", 404, "text/html; charset=utf-8", "public, max-age=1"},
      {"/embed/main/x", 404, problem, "public, max-age=1"},
      {"/static/hls.min.js", 200, "text/javascript; charset=utf-8", "public, max-age=3600"},
      {"/static/nothing.js", 404, problem, "public, max-age=1"},
      {"/time", 200, "text/plain", "no-store"},
      {"/health", 200, "application/json", "no-store"},
      {"/", 404, problem, "public, max-age=1"},
      {"/live/main/", 404, problem, "public, max-age=1"},
      {"/live/../live/main/master.m3u8", 400, problem, "no-store"},
      {"/live/%2e%2e/etc/passwd", 400, problem, "no-store"},
      {"/static/..%2f..%2fetc%2fpasswd", 400, problem, "no-store"},
      {"/live//main/master.m3u8", 400, problem, "no-store"},
      {"/live/main%00/master.m3u8", 400, problem, "no-store"},
      {"/live/%zz/master.m3u8", 400, problem, "no-store"},
      {"live", 400, problem, "no-store"},
      {"http://proxy.test/live/main/master.m3u8", 200, hls, "public, max-age=1"},
      {"/live/m%61in/master.m3u8", 200, hls, "public, max-age=1"},
  };
  for (const Row& row : rows) {
    const Response response = get(row.target);
    EXPECT_EQ(response.status, row.status) << row.target;
    EXPECT_EQ(response.content_type, row.content_type) << row.target;
    EXPECT_EQ(response.cache_control, row.caching) << row.target;
  }
}

TEST_F(MediaSiteTest, TellsTheTimeForDashClocks) { EXPECT_EQ(get("/time").body, "2027-01-15T08:00:00.000Z"); }

TEST_F(MediaSiteTest, PointsTheManifestAtItsOwnClock) {
  EXPECT_THAT(std::string{get("/live/main/manifest.mpd").body}, HasSubstr("http://media.test:8080/time"));
  const Response behind_tls = site.answer({.target = "/live/main/manifest.mpd", .host = "cdn.test", .forwarded_proto = "https"}, kNow);
  EXPECT_THAT(std::string{behind_tls.body}, HasSubstr("https://cdn.test/time"));
}

TEST_F(MediaSiteTest, PutsNoHostileHostIntoTheManifest) {
  const Response response = site.answer({.target = "/live/main/manifest.mpd", .host = "a\"><x"}, kNow);
  EXPECT_EQ(response.status, 200);
  EXPECT_THAT(std::string{response.body}, Not(HasSubstr("<x")));
}

TEST_F(MediaSiteTest, SharesTheSegmentWithTheStore) {
  const Bytes stored = find_segment(streams.find("main")->snapshot->tracks[0], "3.m4s")->bytes;
  EXPECT_EQ(get("/live/main/video-720p/3.m4s").body.data(), stored->data());
}

TEST_F(MediaSiteTest, TakesTheTokenFromHeaderQueryOrCookie) {
  const std::string good = token(), header = "Bearer " + good, cookie = "a=b; rehearsal_token=" + good, target = "/live/paid/master.m3u8";
  EXPECT_EQ(site.answer({.target = target, .authorization = header}, kNow).status, 200);
  EXPECT_EQ(get(target + "?x=1&token=" + good).status, 200);
  EXPECT_EQ(site.answer({.target = target, .cookie = cookie}, kNow).status, 200);
}

TEST_F(MediaSiteTest, PrefersTheHeaderToTheCookie) {
  const std::string cookie = "rehearsal_token=stale", header = "Bearer " + token();
  EXPECT_EQ(site.answer({.target = "/live/paid/master.m3u8", .authorization = header, .cookie = cookie}, kNow).status, 200);
}

TEST_F(MediaSiteTest, LeavesACookieOnlyWhereThePlaylistCameWithATokenInTheQuery) {
  const std::string good = token();
  const Response response = get("/live/paid/master.m3u8?token=" + good);
  EXPECT_THAT(response.fields,
              HasSubstr("Set-Cookie: rehearsal_token=" + good + "; Path=/live/paid; Max-Age=60; HttpOnly; SameSite=Lax\r\n"));
  EXPECT_EQ(response.cache_control, "private, no-cache");
  EXPECT_THAT(get("/live/paid/video-720p/playlist.m3u8?token=" + good).fields, Not(HasSubstr("Set-Cookie")));
}

TEST_F(MediaSiteTest, LeavesNoCookieForATokenThatWasNotChecked) {
  const std::string header = "Bearer " + token();
  const Response response = site.answer({.target = "/live/paid/master.m3u8?token=x%0d%0aX-Injected:%20yes", .authorization = header}, kNow);
  EXPECT_EQ(response.status, 200);
  EXPECT_THAT(response.fields, Not(HasSubstr("Set-Cookie")));
  EXPECT_THAT(response.fields, Not(HasSubstr("X-Injected")));
}

TEST_F(MediaSiteTest, WritesNoTokenIntoAPlaylist) {
  const std::string good = token();
  for (const char* file : {"master.m3u8", "manifest.mpd", "video-720p/playlist.m3u8"})
    EXPECT_THAT(std::string{get("/live/paid/" + std::string{file} + "?token=" + good).body}, Not(HasSubstr(good.substr(0, 20)))) << file;
}

TEST_F(MediaSiteTest, TellsPlayersWhyTheyAreRefused) {
  const Response missing = get("/live/paid/master.m3u8");
  EXPECT_THAT(missing.fields, HasSubstr("WWW-Authenticate: Bearer realm=\"rehearsal\", error=\"invalid_token\""));
  const Response other = get("/live/paid/master.m3u8?token=" + token("main"));
  EXPECT_EQ(other.status, 403);
  EXPECT_THAT(std::string{other.body}, HasSubstr("other-stream"));
}

TEST_F(MediaSiteTest, KeepsProtectedMediaOutOfSharedCaches) {
  const Response response = get("/live/paid/video-720p/3.m4s?token=" + token());
  EXPECT_EQ(response.cache_control, "private, max-age=31536000, immutable");
}

TEST_F(MediaSiteTest, SaysWhenToComeBackWhileStarting) { EXPECT_THAT(get("/live/soon/master.m3u8").fields, HasSubstr("Retry-After: 1")); }

TEST_F(MediaSiteTest, SaysWhyAStreamFailed) {
  streams.streams["soon"].state = StreamState::kFailed;
  streams.streams["soon"].reason = "film.mp4 has no video";
  EXPECT_THAT(std::string{get("/live/soon/master.m3u8").body}, HasSubstr("film.mp4 has no video"));
}

TEST_F(MediaSiteTest, CompressesPlaylistsOnRequest) {
  const Response zipped = site.answer({.target = "/live/main/video-720p/playlist.m3u8", .accept_encoding = "br, gzip;q=0.8"}, kNow);
  EXPECT_THAT(zipped.fields, HasSubstr("Content-Encoding: gzip"));
  EXPECT_EQ(zipped.body.substr(0, 2), "\x1f\x8b");
  const Response refused = site.answer({.target = "/live/main/video-720p/playlist.m3u8", .accept_encoding = "gzip;q=0, *"}, kNow);
  EXPECT_EQ(refused.body.substr(0, 7), "#EXTM3U");
}

TEST_F(MediaSiteTest, RendersAPlaylistOncePerVersion) {
  const Bytes first = get("/live/main/master.m3u8").owner;
  EXPECT_EQ(get("/live/main/master.m3u8").owner, first);
  streams.add_ready("main", AccessPolicy::kOpen);
  EXPECT_NE(get("/live/main/master.m3u8").owner, first);
}

TEST_F(MediaSiteTest, AnswersAMatchingTagWithNotModified) {
  const Response full = get("/live/main/master.m3u8");
  const auto at = full.fields.find("ETag: ") + 6;
  const std::string tag = full.fields.substr(at, full.fields.find('\r', at) - at);
  const Response again = site.answer({.target = "/live/main/master.m3u8", .if_none_match = tag}, kNow);
  EXPECT_EQ(again.status, 304);
  EXPECT_TRUE(again.body.empty());
}

TEST_F(MediaSiteTest, ServesASingleByteRange) {
  const Response part = site.answer({.target = "/live/main/video-720p/3.m4s", .range = "bytes=0-6"}, kNow);
  EXPECT_EQ(part.status, 206);
  EXPECT_EQ(part.body, "segment");
  EXPECT_THAT(part.fields, HasSubstr("Content-Range: bytes 0-6/1000"));
}

TEST_F(MediaSiteTest, RefusesARangeBehindTheEnd) {
  const Response response = site.answer({.target = "/live/main/video-720p/3.m4s", .range = "bytes=1000-"}, kNow);
  EXPECT_EQ(response.status, 416);
  EXPECT_THAT(response.fields, HasSubstr("Content-Range: bytes */1000"));
}

TEST_F(MediaSiteTest, LetsBrowsersSendTheTokenFromAnotherOrigin) {
  const Response response = site.answer({.method = Method::kOptions, .target = "/live/paid/master.m3u8"}, kNow);
  EXPECT_EQ(response.status, 204);
  EXPECT_THAT(response.fields, HasSubstr("Access-Control-Allow-Headers: Authorization, Range"));
  EXPECT_THAT(response.fields, HasSubstr("Access-Control-Max-Age"));
}

TEST_F(MediaSiteTest, RefusesOtherMethods) { EXPECT_EQ(site.answer({.method = Method::kOther, .target = "/health"}, kNow).status, 405); }

TEST_F(MediaSiteTest, TakesDownWhatPlayersSayInTheQuery) {
  const Response response = get("/live/main/video-720p/3.m4s?CMCD=bl%3D2000%2Cot%3Dv%2Csid%3D%22s%201%22%2Csu");
  EXPECT_EQ(response.status, 200);
  site.finished(response, base::ByteCount::bytes(1000), 1ms);
  const auto session = cmcd.find("s 1");
  ASSERT_TRUE(session);
  EXPECT_EQ(session->bytes.count(), 1000);
  EXPECT_EQ(session->buffer, 2000);
  EXPECT_EQ(session->latest.front()->parts.front().second, "bl=2000,ot=v,sid=\"s 1\",su");
}

TEST_F(MediaSiteTest, TakesDownWhatPlayersSayInHeaderFields) {
  site.finished(site.answer({.target = "/live/main/master.m3u8", .cmcd = {"sid=\"s\",v=2", "ot=m", "sn=0,su", "bs"}}, kNow),
                base::ByteCount::bytes(0), 1ms);
  const auto session = cmcd.find("s");
  ASSERT_TRUE(session);
  EXPECT_EQ(session->version, 2);
  EXPECT_EQ(session->starved, 1u);
  EXPECT_EQ(session->by_object[static_cast<std::size_t>(CmcdObject::kManifest)].requests, 1u);
}

TEST_F(MediaSiteTest, CountsTheBytesOfBodiesAlone) {
  Response response = get("/live/main/video-720p/3.m4s?CMCD=sid%3D%22s%22");
  response.head_size = 300;
  site.finished(response, base::ByteCount::bytes(1300), 1ms);
  site.finished(response, base::ByteCount::bytes(200), 1ms);  // broke off within the header
  EXPECT_EQ(cmcd.find("s")->bytes.count(), 1000);
}

TEST_F(MediaSiteTest, AnswersWhateverTheCmcdIs) {
  for (const char* query : {"CMCD=", "CMCD=%zz", "CMCD=bl%3D", "CMCD=ot%3Dv", "CMCD=token%3Djunk%2Csid%3D%22%26token%3Djunk%22"})
    EXPECT_EQ(get("/live/main/video-720p/3.m4s?" + std::string{query}).status, 200) << query;
  EXPECT_EQ(site.answer({.target = "/live/main/master.m3u8", .cmcd = {"sid=", "", "", ""}}, kNow).status, 200);
  EXPECT_EQ(cmcd.counts().malformed, 3u);
  EXPECT_EQ(cmcd.counts().anonymous, 2u);
}

TEST_F(MediaSiteTest, ChecksTheTokenBesideCmcd) {
  const std::string said = "CMCD=sid%3D%22s%22";
  EXPECT_EQ(get("/live/paid/master.m3u8?" + said).status, 401);
  EXPECT_EQ(get("/live/paid/master.m3u8?" + said + "&token=" + token()).status, 200);
  EXPECT_EQ(get("/live/paid/video-720p/3.m4s?token=" + token() + "&" + said).status, 200);
}

TEST_F(MediaSiteTest, TakesDownNothingOfWhoSeesNoStream) {
  const std::string said = "?CMCD=sid%3D%22s%22";
  for (const char* target : {"/live/none/master.m3u8", "/live/paid/master.m3u8", "/vod/main/video-720p/3.m4s"})
    site.finished(get(target + said), base::ByteCount::bytes(100), 1ms);
  EXPECT_FALSE(cmcd.find("s"));
  site.finished(get("/live/main/video-720p/99.m4s" + said), base::ByteCount::bytes(100), 1ms);
  EXPECT_TRUE(cmcd.find("s"));
}

TEST_F(MediaSiteTest, RendersAPlaylistOnceWhateverItsPlayersSay) {
  EXPECT_EQ(get("/live/main/master.m3u8?CMCD=sid%3D%22a%22").owner, get("/live/main/master.m3u8?CMCD=sid%3D%22b%22").owner);
}

TEST_F(MediaSiteTest, LetsBrowsersSendCmcdHeaderFieldsFromAnotherOrigin) {
  const Response response = site.answer({.method = Method::kOptions, .target = "/live/main/master.m3u8"}, kNow);
  for (const std::string_view field : kCmcdFields) EXPECT_THAT(response.fields, HasSubstr(std::string{field}));
}

TEST_F(MediaSiteTest, PublishesWhatItCounted) {
  site.finished(get("/live/paid/master.m3u8"), base::ByteCount::bytes(100), 1ms);
  MetricsPage page{registry};
  const Response text = page.answer({.target = "/metrics"}, kNow);
  EXPECT_THAT(std::string{text.body}, HasSubstr("rehearsal_server_access_decisions_total{reason=\"missing\"} 1"));
  EXPECT_THAT(std::string{text.body}, HasSubstr("rehearsal_server_requests_total{resource=\"multivariant\",status=\"4xx\"} 1"));
  EXPECT_EQ(page.answer({.target = "/"}, kNow).status, 404);
}

TEST_F(MediaSiteTest, CountsWhatWasAskedForWhateverTheAnswer) {
  const std::pair<const char*, Resource> rows[] = {
      {"/live/main/master.m3u8", Resource::kMultivariant},
      {"/live/paid/master.m3u8", Resource::kMultivariant},
      {"/live/soon/manifest.mpd", Resource::kManifest},
      {"/live/none/video-720p/playlist.m3u8", Resource::kPlaylist},
      {"/live/main/video-720p/playlist.m3u8", Resource::kPlaylist},
      {"/live/paid/video-720p/init.mp4", Resource::kInit},
      {"/live/paid/video-720p/3.m4s", Resource::kSegment},
      {"/live/main/video-720p/99.m4s", Resource::kSegment},
      {"/live/main/video-720p/t540000.m4s", Resource::kSegment},
      {"/live/main/other.txt", Resource::kOther},
      {"/live/main/video-720p/other.txt", Resource::kOther},
  };
  for (const auto& [target, resource] : rows) EXPECT_STREQ(to_text(get(target).resource), to_text(resource)) << target;
}

TEST_F(MediaSiteTest, OnlyAllowedPagesMayFrameTheEmbedPage) {
  EXPECT_THAT(get("/embed/main").fields, HasSubstr("; frame-ancestors 'self' \r\n"));
  MediaSite other{streams, tokens, audit, cmcd, more, {"https://p.example", "https://q.example:8443"}};
  const Response page = other.answer({.target = "/embed/main"}, kNow);
  EXPECT_THAT(page.fields,
              HasSubstr("; frame-ancestors 'self' https://p.example https://q.example:8443\r\nReferrer-Policy: no-referrer\r\n"));
  EXPECT_THAT(page.body, HasSubstr("data-origins=\"https://p.example https://q.example:8443\""));
  EXPECT_THAT(get("/watch/main").fields, Not(HasSubstr("frame-ancestors")));
}

}  // namespace
}  // namespace server

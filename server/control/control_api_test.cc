#include "server/control/control_api.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/delivery/fake_streams.h"

namespace server {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr base::UtcTime kNow{std::chrono::seconds{1'800'000'000}};

class ControlApiTest : public testing::Test {
 protected:
  ControlReply call(Verb verb, const std::string& path, const std::string& body = "") {
    return api.answer({.verb = verb, .path = path, .body = body}, kNow);
  }
  ControlReply post(const std::string& path, const std::string& body) { return call(Verb::kPost, path, body); }
  static base::Json json(const ControlReply& reply) { return base::parse_json(reply.body).value(); }
  // "path: message" of each field problem.
  static std::vector<std::string> errors(const ControlReply& reply) {
    std::vector<std::string> out;
    const base::Json problem = json(reply);
    for (const auto& error : problem["errors"])
      out.push_back(error["path"].get<std::string>() + ": " + error["message"].get<std::string>());
    return out;
  }

  FakeStreams streams;
  TokenAuthority tokens{{.secret = std::string(32, 's')}};
  AuditLog audit{""};
  prometheus::Registry registry;
  CmcdLog cmcd{registry};
  ControlApi api{{.media_url = "http://media.test"}, streams, tokens, audit, cmcd};
};

TEST_F(ControlApiTest, CreatesAStream) {
  const auto reply =
      post("/v1/streams",
           R"({"name":"main","source":{"srt":{"publish_key":"k"}},"access":"token","ladder":[{"height":720,"bitrate":"2.5mbit"}]})");
  EXPECT_EQ(reply.status, 201);
  EXPECT_THAT(reply.fields, ElementsAre(std::pair<std::string, std::string>{"Location", "/v1/streams/main"}));
  const StreamSpec spec = streams.find("main")->spec;
  EXPECT_EQ(spec.source.publish_key, "k");
  EXPECT_EQ(spec.access, AccessPolicy::kToken);
  EXPECT_EQ(spec.ladder, (std::vector<Rung>{{720, base::Bitrate::bits_per_second(2'500'000)}}));
}

TEST_F(ControlApiTest, ShowsAStreamWithoutItsKey) {
  post("/v1/streams", R"({"name":"main","source":{"srt":{"publish_key":"hush"}}})");
  const auto reply = call(Verb::kGet, "/v1/streams/main");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(json(reply)["urls"]["hls"], "http://media.test/live/main/master.m3u8");
  EXPECT_THAT(reply.body, Not(HasSubstr("hush")));
}

TEST_F(ControlApiTest, RefusesANameThatIsTaken) {
  post("/v1/streams", R"({"name":"main"})");
  EXPECT_EQ(post("/v1/streams", R"({"name":"main"})").status, 409);
}

TEST_F(ControlApiTest, ListsEveryProblemOfAStream) {
  const auto reply =
      post("/v1/streams",
           R"({"name":"Main!","kind":"film","source":{"srt":{},"file":"x"},"ladder":[{"height":721,"bitrate":"fast"}],"colour":1})");
  EXPECT_EQ(reply.status, 422);
  EXPECT_EQ(reply.content_type, "application/problem+json");
  EXPECT_THAT(errors(reply),
              testing::UnorderedElementsAre("name: must be 1 to 64 of a-z, 0-9 and '-'", "kind: is \"film\"; write \"live\" or \"vod\"",
                                            HasSubstr("source: needs one of \"srt\", \"srt_call\""), HasSubstr("ladder[0].height: is 721"),
                                            HasSubstr("ladder[0].bitrate: "), HasSubstr("colour: is not a known field")));
}

TEST_F(ControlApiTest, SaysWhatALadderMayBeAndTakesThat) {
  EXPECT_THAT(errors(post("/v1/streams", R"({"name":"main","ladder":[{"height":2162,"bitrate":"51mbit"}]})")),
              testing::UnorderedElementsAre("ladder[0].height: is 2162; write an even number of lines from 90 to 2160",
                                            "ladder[0].bitrate: must be from 50kbit to 50mbit"));
  EXPECT_EQ(post("/v1/streams", R"({"name":"main","ladder":[{"height":2160,"bitrate":"50mbit"},{"height":90,"bitrate":"50kbit"}]})").status,
            201);
}

TEST_F(ControlApiTest, WantsAFileForVideoOnDemand) {
  EXPECT_THAT(errors(post("/v1/streams", R"({"name":"film","kind":"vod"})")), ElementsAre(HasSubstr("source: is required")));
  EXPECT_THAT(errors(post("/v1/streams", R"({"name":"film","kind":"vod","source":{"srt":{}}})")),
              ElementsAre(HasSubstr("source.srt: is for live")));
}

TEST_F(ControlApiTest, ReadsABackupItsFailoverAndASlate) {
  const auto reply = post("/v1/streams", R"({"name":"main","source":{"rtmp":{"publish_key":"k"}},
      "backup":{"srt":{"publish_key":"hush","passphrase":"ten characters"}},
      "failover":{"switch_after":"250ms","failback":false,"dwell":"8s"},"slate":{"sound":"tone"}})");
  ASSERT_EQ(reply.status, 201) << reply.body;
  const StreamSpec spec = streams.find("main")->spec;
  EXPECT_EQ(spec.source.kind, SourceKind::kRtmp);
  ASSERT_TRUE(spec.backup);
  EXPECT_EQ(spec.backup->kind, SourceKind::kSrt);
  EXPECT_EQ(spec.backup->passphrase, "ten characters");
  EXPECT_EQ(spec.failover.switch_after, 250ms);
  EXPECT_FALSE(spec.failover.failback);
  EXPECT_EQ(spec.failover.failback_after, 5s);
  EXPECT_EQ(spec.failover.dwell, 8s);
  ASSERT_TRUE(spec.slate);
  EXPECT_TRUE(spec.slate->tone);
  EXPECT_EQ(json(reply)["backup"], base::Json({{"srt", {{"needs_key", true}, {"encrypted", true}}}}));
  EXPECT_THAT(reply.body, Not(HasSubstr("hush")));
  EXPECT_THAT(reply.body, Not(HasSubstr("ten characters")));
}

TEST_F(ControlApiTest, ReadsASourceOverHttpAndShowsItWithoutItsKey) {
  const auto reply = post("/v1/streams", R"({"name":"main","source":{"http":{"publish_key":"hush"}}})");
  ASSERT_EQ(reply.status, 201) << reply.body;
  EXPECT_EQ(streams.find("main")->spec.source.kind, SourceKind::kHttp);
  EXPECT_EQ(streams.find("main")->spec.source.publish_key, "hush");
  EXPECT_EQ(json(reply)["source"], base::Json({{"http", {{"needs_key", true}}}}));
  EXPECT_THAT(errors(post("/v1/streams", R"({"name":"film","kind":"vod","source":{"http":{"tls":true}}})")),
              testing::UnorderedElementsAre(HasSubstr("source.http: is for live"), HasSubstr("source.http.tls: ")));
}

TEST_F(ControlApiTest, ReadsAPlaylist) {
  const auto reply = post("/v1/streams", R"({"name":"main","source":{"files":["a.mp4","b.mp4"]}})");
  ASSERT_EQ(reply.status, 201) << reply.body;
  EXPECT_EQ(streams.find("main")->spec.source.kind, SourceKind::kPlaylist);
  EXPECT_EQ(streams.find("main")->spec.source.files, (std::vector<std::string>{"a.mp4", "b.mp4"}));
  EXPECT_EQ(json(reply)["source"], base::Json({{"files", {"a.mp4", "b.mp4"}}}));
}

TEST_F(ControlApiTest, SaysWhatIsWrongWithAPlaylist) {
  const std::pair<const char*, const char*> rows[] = {
      {R"({"name":"a","source":{"files":[]}})", "source.files: has 0 files; write 1 to 64"},
      {R"({"name":"a","source":{"files":"a.mp4"}})", "source.files: expected a list of texts"},
      {R"({"name":"a","source":{"files":["a.mp4",""]}})", "source.files[1]: is empty"},
      {R"({"name":"a","kind":"vod","source":{"files":["a.mp4"]}})", "source.files: is for live streams; video on demand needs \"file\""},
  };
  for (const auto& [body, says] : rows) EXPECT_THAT(errors(post("/v1/streams", body)), ElementsAre(says));
}

TEST_F(ControlApiTest, ReadsWhereAStreamIsForwardedAndShowsItWithoutKeys) {
  const auto reply = post("/v1/streams", R"({"name":"main","backup":{"srt":{}},"forward":[
      {"name":"cdn","url":"srt://cdn.example:9000?streamid=hush","passphrase":"hush-hush-hush"},
      {"name":"social","url":"rtmp://live.example/app/hush","what":"backup","enabled":false}]})");
  ASSERT_EQ(reply.status, 201) << reply.body;
  StreamStatus& status = streams.streams["main"];
  ASSERT_EQ(status.spec.forward.size(), 2U);
  EXPECT_EQ(status.spec.forward[0].passphrase, "hush-hush-hush");
  EXPECT_EQ(status.spec.forward[0].what, ForwardWhat::kOutput);
  EXPECT_TRUE(status.spec.forward[0].enabled);
  EXPECT_EQ(status.spec.forward[1].what, ForwardWhat::kBackup);
  EXPECT_FALSE(status.spec.forward[1].enabled);
  status.forward = {{.spec = status.spec.forward[0],
                     .state = ForwardState::kRetrying,
                     .reason = "gone",
                     .bytes = 5,
                     .packets = 4,
                     .dropped = 3,
                     .connects = 2,
                     .failures = 1},
                    {.spec = status.spec.forward[1]}};
  const auto shown = call(Verb::kGet, "/v1/streams/main");
  EXPECT_EQ(json(shown)["forward"][0], base::parse_json(R"({"name":"cdn","url":"srt://cdn.example:9000","encrypted":true,"what":"output",
      "state":"retrying","reason":"gone","bytes":5,"packets":4,"dropped":3,"connects":2,"failures":1})")
                                           .value());
  EXPECT_EQ(json(shown)["forward"][1]["url"], "rtmp://live.example:1935/app/…");
  EXPECT_EQ(json(shown)["forward"][1]["state"], "stopped");
  EXPECT_THAT(shown.body, Not(HasSubstr("hush")));
}

TEST_F(ControlApiTest, ListsEveryProblemOfADestination) {
  const auto reply =
      post("/v1/streams", R"({"name":"main","forward":[{"name":"C","url":"srt://a?streamid=hush","what":"all","passphrase":"x"},
      {"name":"b","url":"rtmp://a/live/hush","what":"backup","passphrase":"hush-hush-hush"},{"name":"b"}]})");
  EXPECT_THAT(errors(reply),
              testing::UnorderedElementsAre(HasSubstr("forward[0].name: must be"), HasSubstr("forward[0].url: names no port; write srt://"),
                                            "forward[0].what: is \"all\"; write \"output\", \"primary\" or \"backup\"",
                                            HasSubstr("forward[0].passphrase: has 1 characters"),
                                            "forward[1].what: is \"backup\", and the stream has none", "forward[1].passphrase: is for SRT",
                                            HasSubstr("forward[2].url: is required"), "forward[2].name: \"b\" is there twice"));
  EXPECT_THAT(reply.body, Not(HasSubstr("hush")));
  EXPECT_THAT(
      errors(post("/v1/streams", R"({"name":"film","kind":"vod","source":{"file":"x"},"forward":[{"name":"a","url":"srt://a:1"}]})")),
      ElementsAre("forward[0]: is for live streams"));
}

TEST_F(ControlApiTest, AddsStartsStopsAndRemovesADestination) {
  post("/v1/streams", R"({"name":"main"})");
  const auto made = post("/v1/streams/main/forward", R"({"name":"cdn","url":"rtmp://live.example/app/hush"})");
  EXPECT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(json(made)["url"], "rtmp://live.example:1935/app/…");
  EXPECT_EQ(post("/v1/streams/main/forward", R"({"name":"cdn","url":"srt://a:1"})").status, 409);
  EXPECT_EQ(post("/v1/streams/main/forward", R"({"name":"b","url":"srt://a:1","what":"backup"})").status, 422);
  EXPECT_EQ(post("/v1/streams/main/forward", R"({"name":"b"})").status, 422);
  EXPECT_EQ(post("/v1/streams/main/forward", "{").status, 400);
  EXPECT_EQ(post("/v1/streams/other/forward", R"({"name":"b","url":"srt://a:1"})").status, 404);
  EXPECT_EQ(post("/v1/streams/main/forward/cdn/start", "").status, 202);
  EXPECT_EQ(streams.find("main")->forward.at(0).state, ForwardState::kWaiting);
  EXPECT_EQ(post("/v1/streams/main/forward/cdn/stop", "").status, 202);
  EXPECT_EQ(streams.find("main")->forward.at(0).state, ForwardState::kStopped);
  for (const char* path : {"/v1/streams/main/forward/other/stop", "/v1/streams/other/forward/cdn/start", "/v1/streams/main/forward//start"})
    EXPECT_EQ(post(path, "").status, 404) << path;
  EXPECT_EQ(call(Verb::kGet, "/v1/streams/main/forward/cdn").status, 405);
  EXPECT_EQ(call(Verb::kDelete, "/v1/streams/main/forward/other").status, 404);
  EXPECT_EQ(call(Verb::kDelete, "/v1/streams/other/forward/cdn").status, 404);
  EXPECT_EQ(call(Verb::kDelete, "/v1/streams/main/forward/cdn").status, 204);
  EXPECT_TRUE(streams.find("main")->forward.empty());
}

TEST_F(ControlApiTest, ListsEveryProblemOfABackup) {
  EXPECT_THAT(errors(post("/v1/streams", R"({"name":"main","backup":{"srt":{"passphrase":"short"}},"failover":{"switch_after":"100ms"}})")),
              testing::UnorderedElementsAre("backup.srt.passphrase: has 5 characters; SRT wants 10 to 79",
                                            "failover.switch_after: is 100ms; write 200ms to 30s"));
  EXPECT_THAT(errors(post("/v1/streams", R"({"name":"film","kind":"vod","source":{"file":"x"},"backup":{"file":"y"},"slate":{}})")),
              testing::UnorderedElementsAre("backup: is for live streams", "slate: is for live streams"));
}

TEST_F(ControlApiTest, ReadsThresholdsOfHealth) {
  const auto reply =
      post("/v1/streams", R"({"name":"main","health":{"counts":["picture","black"],"black_luma":30,"black_raise_after":"1s"}})");
  ASSERT_EQ(reply.status, 201) << reply.body;
  const HealthThresholds thresholds = streams.find("main")->spec.health;
  EXPECT_TRUE(thresholds.counts.contains(HealthAspect::kBlack));
  EXPECT_FALSE(thresholds.counts.contains(HealthAspect::kFreeze));
  EXPECT_EQ(thresholds.black_luma, 30);
  EXPECT_EQ(thresholds.black.raise_after, 1s);
  EXPECT_EQ(thresholds.freeze, HealthThresholds{}.freeze);
  EXPECT_THAT(errors(post("/v1/streams", R"({"name":"a","health":{"counts":["blackness"]}})")),
              ElementsAre(HasSubstr("health.counts[0]: is \"blackness\"; known: picture, bitrate")));
  EXPECT_THAT(errors(post("/v1/streams", R"({"name":"a","health":{"freeze_raise_after":"10ms"}})")),
              ElementsAre("health.freeze_raise_after: 10ms: must be 100ms to 10m"));
}

TEST_F(ControlApiTest, PutsASourceOnAirAndPinsIt) {
  post("/v1/streams", R"({"name":"main","backup":{"srt":{}}})");
  EXPECT_EQ(post("/v1/streams/main/on-air", R"({"source":"backup","pinned":true})").status, 202);
  EXPECT_EQ(streams.find("main")->on_air, Feed::kBackup);
  EXPECT_EQ(streams.find("main")->pinned, Feed::kBackup);
  EXPECT_EQ(json(call(Verb::kGet, "/v1/streams/main"))["pinned"], "backup");
  EXPECT_EQ(call(Verb::kDelete, "/v1/streams/main/pin").status, 204);
  EXPECT_FALSE(streams.find("main")->pinned);
}

TEST_F(ControlApiTest, RefusesToPutOnAirWhatIsNotThere) {
  post("/v1/streams", R"({"name":"main"})");
  EXPECT_EQ(post("/v1/streams/main/on-air", R"({"source":"backup"})").status, 422);
  EXPECT_EQ(post("/v1/streams/other/on-air", R"({"source":"primary"})").status, 404);
  EXPECT_EQ(call(Verb::kDelete, "/v1/streams/other/pin").status, 404);
  EXPECT_THAT(errors(post("/v1/streams/main/on-air", R"({"source":"slate"})")),
              ElementsAre("source: is \"slate\"; write \"primary\" or \"backup\""));
}

TEST_F(ControlApiTest, ListsRefusedPublishers) {
  streams.refused.push_back({.when = base::UtcTime{} + 1'800'000'000s,
                             .protocol = "rtmp",
                             .point = "none",
                             .peer = "192.0.2.7:4000",
                             .refusal = "not-found",
                             .reason = "there is no such stream",
                             .times = 3});
  const auto page = base::Json::parse(call(Verb::kGet, "/v1/publishers/refused").body);
  EXPECT_EQ(page, base::Json::parse(R"({"refused":[{"at":"2027-01-15T08:00:00.000Z","protocol":"rtmp","peer":"192.0.2.7:4000",
      "stream":"none","refusal":"not-found","reason":"there is no such stream","times":3}]})"));
}

TEST_F(ControlApiTest, TellsWhatHappenedToASource) {
  call(Verb::kPost, "/v1/streams", R"({"name":"main"})");
  streams.streams["main"].events = {{.when = {}, .source = Feed::kBackup, .kind = SourceEventKind::kConnected},
                                    {.when = {}, .kind = SourceEventKind::kRefused, .text = "the publish key is wrong", .times = 2}};
  const auto events = base::Json::parse(call(Verb::kGet, "/v1/streams/main").body)["events"];
  EXPECT_EQ(events, base::Json::parse(R"([{"at":"1970-01-01T00:00:00.000Z","source":"backup","event":"connected"},
      {"at":"1970-01-01T00:00:00.000Z","source":"primary","event":"refused","text":"the publish key is wrong","times":2}])"));
  EXPECT_FALSE(base::Json::parse(call(Verb::kGet, "/v1/streams").body)["streams"][0].contains("events")) << "lists are short";
}

TEST_F(ControlApiTest, TellsASwitchWithItsGap) {
  post("/v1/streams", R"({"name":"main","backup":{"srt":{}}})");
  StreamStatus& status = streams.streams["main"];
  status.switches = 7;
  status.sources = {{.feed = Feed::kPrimary, .state = SourceState::kSilent, .reason = "the publisher has left"}};
  status.sources[0].impaired = {{.aspect = HealthAspect::kBlack, .lasts = 3s, .evidence = "black for 3 s"}};
  status.health = {{.when = {},
                    .source = Feed::kBackup,
                    .aspect = HealthAspect::kFreeze,
                    .impaired = false,
                    .evidence = "pictures move",
                    .figures = {{"difference", 1.5}}}};
  status.switched = {{.when = base::UtcTime{1'800'000'000s},
                      .from = Feed::kPrimary,
                      .to = Feed::kBackup,
                      .reason = SwitchReason::kMediaGap,
                      .gap = 420ms,
                      .held_pictures = 3}};
  const auto shown = json(call(Verb::kGet, "/v1/streams/main"));
  EXPECT_EQ(shown["switches"], 7);
  EXPECT_EQ(shown["sources"][0], base::Json({{"name", "primary"},
                                             {"state", "silent"},
                                             {"reason", "the publisher has left"},
                                             {"healthy", false},
                                             {"impaired", {{{"aspect", "black"}, {"for_s", 3.0}, {"evidence", "black for 3 s"}}}}}));
  EXPECT_EQ(shown["health"][0]["source"], "backup");
  EXPECT_EQ(shown["health"][0]["aspect"], "freeze");
  EXPECT_EQ(shown["health"][0]["change"], "cleared");
  EXPECT_EQ(shown["health"][0]["figures"], base::Json({{"difference", 1.5}}));
  EXPECT_EQ(shown["switched"][0]["from"], "primary");
  EXPECT_EQ(shown["switched"][0]["to"], "backup");
  EXPECT_EQ(shown["switched"][0]["reason"], "media-gap");
  EXPECT_EQ(shown["switched"][0]["gap_ms"], 420.0);
  EXPECT_EQ(shown["switched"][0]["held_pictures"], 3);
}

TEST_F(ControlApiTest, RefusesABodyThatIsNotJson) {
  for (const char* path : {"/v1/streams", "/v1/tokens", "/v1/tokens/refresh", "/v1/tokens/revoke", "/v1/tokens/expire"}) {
    EXPECT_EQ(post(path, "{").status, 400) << path;
    EXPECT_EQ(post(path, "").status, 400) << path;
    EXPECT_EQ(post(path, "[]").status, 422) << path;
  }
}

TEST_F(ControlApiTest, RemovesAStreamOnce) {
  post("/v1/streams", R"({"name":"main"})");
  EXPECT_EQ(call(Verb::kDelete, "/v1/streams/main").status, 204);
  EXPECT_EQ(call(Verb::kDelete, "/v1/streams/main").status, 404);
  EXPECT_EQ(call(Verb::kGet, "/v1/streams/main").status, 404);
}

TEST_F(ControlApiTest, ListsStreamsInPages) {
  for (const char* name : {"c", "a", "b"}) post("/v1/streams", R"({"name":")" + std::string{name} + "\"}");
  const auto first = json(api.answer({.path = "/v1/streams", .limit = "2"}, kNow));
  EXPECT_EQ(first["streams"].size(), 2u);
  EXPECT_EQ(first["next"], "/v1/streams?limit=2&after=b");
  const auto last = json(api.answer({.path = "/v1/streams", .limit = "2", .after = "b"}, kNow));
  EXPECT_EQ(last["streams"][0]["name"], "c");
  EXPECT_FALSE(last.contains("next"));
}

TEST_F(ControlApiTest, RefusesAnImpossibleLimit) {
  for (const char* limit : {"0", "101", "-1", "many", "", "1x"})
    EXPECT_EQ(api.answer({.path = "/v1/streams", .limit = limit}, kNow).status, 422) << limit;
}

TEST_F(ControlApiTest, IssuesTokensThatPass) {
  streams.add_ready("main", AccessPolicy::kToken);
  const auto reply = post("/v1/tokens", R"({"stream":"main","subject":"ann","group":"trial","lifetime":"90s"})");
  EXPECT_EQ(reply.status, 201);
  const auto grant = json(reply);
  EXPECT_EQ(grant["expires_in"], 90.0);
  EXPECT_EQ(tokens.check(grant["access_token"].get<std::string>(), "main", AccessPolicy::kToken, kNow).status, 200);
}

TEST_F(ControlApiTest, ListsEveryProblemOfATokenRequest) {
  const auto reply = post("/v1/tokens", R"({"stream":"none","lifetime":"0s","x":1})");
  EXPECT_THAT(errors(reply), testing::UnorderedElementsAre("stream: there is no such stream", "subject: is required and missing",
                                                           "lifetime: must be from 1s to 24h", HasSubstr("x: is not a known field")));
}

TEST_F(ControlApiTest, RefreshesOnce) {
  const Grant grant = tokens.issue({.stream = "main", .subject = "ann"}, kNow);
  const std::string body = R"({"refresh_token":")" + grant.refresh_token + "\"}";
  const auto renewed = post("/v1/tokens/refresh", body);
  EXPECT_EQ(renewed.status, 200);
  EXPECT_EQ(json(renewed)["session"], grant.session);
  const auto again = post("/v1/tokens/refresh", body);
  EXPECT_EQ(again.status, 403);
  EXPECT_EQ(json(again)["reason"], "reused");
  EXPECT_EQ(post("/v1/tokens/refresh", R"({"refresh_token":"junk"})").status, 401);
}

TEST_F(ControlApiTest, RevokesAndExpiresBySelection) {
  const Grant grant = tokens.issue({.stream = "main", .subject = "ann"}, kNow);
  EXPECT_EQ(json(post("/v1/tokens/expire", R"({"stream":"main"})"))["sessions"], 1);
  EXPECT_EQ(tokens.check(grant.access_token, "main", AccessPolicy::kToken, kNow).reason, "expired");
  EXPECT_EQ(json(post("/v1/tokens/revoke", R"({"subject":"ann"})"))["sessions"], 1);
  EXPECT_EQ(tokens.check(grant.access_token, "main", AccessPolicy::kToken, kNow).reason, "revoked");
}

TEST_F(ControlApiTest, NeverWithdrawsEverythingByMistake) {
  for (const char* body : {"{}", R"({"stream":""})"}) EXPECT_EQ(post("/v1/tokens/revoke", body).status, 422) << body;
}

TEST_F(ControlApiTest, AnswersOtherMethodsWithWhatIsAllowed) {
  const auto refusal = call(Verb::kDelete, "/v1/streams");
  EXPECT_EQ(refusal.status, 405);
  EXPECT_THAT(refusal.fields, ElementsAre(std::pair<std::string, std::string>{"Allow", "GET, HEAD, POST, OPTIONS"}));
  EXPECT_EQ(call(Verb::kOptions, "/v1/tokens").status, 204);
  EXPECT_EQ(call(Verb::kGet, "/v2").status, 404);
  EXPECT_EQ(call(Verb::kHead, "/v1/health").status, 200);
}

TEST_F(ControlApiTest, TellsHealthAndVersion) {
  streams.add_ready("main", AccessPolicy::kOpen);
  EXPECT_EQ(json(call(Verb::kGet, "/v1/health"))["streams"]["ready"], 1);
  EXPECT_EQ(json(call(Verb::kGet, "/v1/version"))["name"], "rehearse-server");
}

class LoginTest : public ControlApiTest {
 protected:
  ControlReply ask(Verb verb, const std::string& path, const std::string& body = "", const std::string& session = "") {
    return guarded.answer({.verb = verb, .path = path, .body = body, .authorization = session.empty() ? "" : "Bearer " + session}, kNow);
  }
  std::string session() { return json(ask(Verb::kPost, "/v1/login", R"({"user":"ann","password":"sesame"})"))["session"]; }

  ControlApi guarded{{.api_key = "the key", .media_url = "http://media.test"},     streams, tokens, audit, cmcd,
                     Accounts{{{"ann", "sesame", {"main"}}}, std::string(32, 's')}};
};

TEST_F(LoginTest, ShowsItsPageAndWhatThatLoads) {
  const auto page = ask(Verb::kGet, "/login");
  EXPECT_EQ(page.content_type, "text/html; charset=utf-8");
  EXPECT_THAT(page.fields[0].second, HasSubstr("frame-ancestors 'none'"));
  EXPECT_THAT(page.body, HasSubstr("/static/login.js"));
  EXPECT_EQ(ask(Verb::kGet, "/static/login.js").content_type, "text/javascript; charset=utf-8");
  EXPECT_EQ(ask(Verb::kGet, "/static/login.css").status, 200);
  EXPECT_EQ(ask(Verb::kGet, "/static/hls.min.js").status, 404);
}

TEST_F(LoginTest, RefusesAWrongPasswordAndSaysNoMore) {
  for (const char* body : {R"({"user":"ann","password":"x"})", R"({"user":"eve","password":"sesame"})", "{}"}) {
    const auto refusal = ask(Verb::kPost, "/v1/login", body);
    EXPECT_EQ(refusal.status, 401) << body;
    EXPECT_EQ(json(refusal)["detail"], "The user or the password is wrong");
  }
  EXPECT_EQ(ask(Verb::kPost, "/v1/login", "{").status, 400);
  EXPECT_EQ(ask(Verb::kPost, "/v1/login", R"({"name":"ann"})").status, 422);
  EXPECT_EQ(post("/v1/login", R"({"user":"ann","password":"sesame"})").status, 401) << "without accounts nobody may sign in";
}

TEST_F(LoginTest, ListsTheStreamsOfTheAccount) {
  streams.add_ready("main", AccessPolicy::kToken);
  streams.add_ready("other", AccessPolicy::kToken);
  const auto entitled = json(ask(Verb::kGet, "/v1/entitlements", "", session()))["streams"];
  ASSERT_EQ(entitled.size(), 1u);
  EXPECT_EQ(entitled[0]["name"], "main");
  EXPECT_EQ(entitled[0]["watch"], "http://media.test/watch/main");
  EXPECT_EQ(ask(Verb::kGet, "/v1/entitlements").status, 401);
  EXPECT_EQ(ask(Verb::kGet, "/v1/entitlements", "", "junk").status, 401);
}

TEST_F(LoginTest, ASessionGetsTokensForItsStreamsOnly) {
  streams.add_ready("main", AccessPolicy::kToken);
  streams.add_ready("other", AccessPolicy::kToken);
  const auto granted = ask(Verb::kPost, "/v1/tokens", R"({"stream":"main","subject":"phone"})", session());
  EXPECT_EQ(granted.status, 201);
  EXPECT_EQ(tokens.check(json(granted)["access_token"].get<std::string>(), "main", AccessPolicy::kToken, kNow).subject, "ann/phone");
  EXPECT_EQ(ask(Verb::kPost, "/v1/tokens", R"({"stream":"other","subject":"ann"})", session()).status, 403);
  EXPECT_EQ(ask(Verb::kPost, "/v1/tokens", R"({"stream":"main","subject":"ann"})", "junk").status, 401);
  EXPECT_EQ(ask(Verb::kPost, "/v1/tokens/expire", R"({"stream":"main"})", session()).status, 401) << "a viewer is no operator";
}

TEST_F(LoginTest, EndsWhenItsAccountIsRevoked) {
  streams.add_ready("main", AccessPolicy::kToken);
  const std::string mine = session(), asked = R"({"stream":"main","subject":"phone"})";
  const std::string token = json(ask(Verb::kPost, "/v1/tokens", asked, mine))["access_token"];
  const auto revoke = [&](const std::string& body) {
    return guarded.answer({.verb = Verb::kPost, .path = "/v1/tokens/revoke", .body = body, .api_key = "the key"}, kNow + 1ms);
  };
  EXPECT_EQ(json(revoke(R"({"subject":"ann","stream":"other"})"))["sessions"], 0);
  EXPECT_EQ(ask(Verb::kPost, "/v1/tokens", asked, mine).status, 201);
  EXPECT_EQ(json(revoke(R"({"subject":"ann"})"))["sessions"], 2);
  EXPECT_EQ(tokens.check(token, "main", AccessPolicy::kToken, kNow).reason, "revoked");
  EXPECT_EQ(ask(Verb::kPost, "/v1/tokens", asked, mine).status, 401);
  EXPECT_EQ(ask(Verb::kGet, "/v1/entitlements", "", mine).status, 401);
}

TEST_F(ControlApiTest, RefusesWebPagesWhereThereIsNoKey) {
  const auto ask = [&](Verb verb, const std::string& path) {
    return api.answer({.verb = verb, .path = path, .body = R"({"stream":"main","subject":"ann"})", .origin = "https://evil.example"}, kNow);
  };
  for (const auto& [verb, path] : {std::pair{Verb::kPost, "/v1/streams"},
                                   {Verb::kGet, "/v1/streams"},
                                   {Verb::kDelete, "/v1/streams/main"},
                                   {Verb::kPost, "/v1/tokens/revoke"},
                                   {Verb::kGet, "/v1/cmcd/sessions"}}) {
    EXPECT_EQ(ask(verb, path).status, 403) << path;
    EXPECT_FALSE(ask(verb, path).for_pages) << path;
  }
  streams.add_ready("main", AccessPolicy::kToken);
  EXPECT_EQ(ask(Verb::kPost, "/v1/tokens").status, 201);
  EXPECT_TRUE(ask(Verb::kPost, "/v1/tokens").for_pages);
  EXPECT_EQ(ask(Verb::kGet, "/v1/health").status, 200);
}

class CmcdSessionsTest : public ControlApiTest {
 protected:
  void hear(const std::string& text, std::int64_t bytes) {
    auto report = std::make_shared<CmcdReport>();
    ASSERT_TRUE(read_cmcd(text, *report));
    report->asked_at = kNow;
    report->parts = {{"CMCD", text}};
    cmcd.add(report, base::ByteCount::bytes(bytes));
  }
};

TEST_F(CmcdSessionsTest, ShowsWhatAPlayerReported) {
  hear("br=1000,ot=v,sid=\"a/1\",su", 500);
  hear("bl=4000,br=2000,bs,cid=\"main\",msd=812,ot=v,sid=\"a/1\",sta=p,su,v=2", 700);
  const auto session = json(call(Verb::kGet, "/v1/cmcd/sessions/a%2F1"));
  EXPECT_EQ(session["sid"], "a/1");
  EXPECT_EQ(session["cid"], "main");
  EXPECT_EQ(session["version"], 2);
  EXPECT_EQ(session["first_seen"], "2027-01-15T08:00:00.000Z");
  EXPECT_EQ(session["requests"], 2);
  EXPECT_EQ(session["bytes"], 1200);
  EXPECT_EQ(session["startups"], 2);
  EXPECT_EQ(session["starved"], 1);
  EXPECT_EQ(session["msd"], 812);
  EXPECT_EQ(session["bl"], 4000);
  EXPECT_EQ(session["br"], 1500.0);
  EXPECT_EQ(session["by_object"]["v"]["bytes"], 1200);
  EXPECT_EQ(session["latest"].size(), 2u);
  EXPECT_EQ(session["latest"][1]["CMCD"], "br=1000,ot=v,sid=\"a/1\",su");
  EXPECT_EQ(call(Verb::kGet, "/v1/cmcd/sessions/b").status, 404);
}

TEST_F(CmcdSessionsTest, ListsSessionsInPages) {
  for (const char* sid : {"c", "a b", "a"}) hear("sid=\"" + std::string{sid} + '"', 1);
  cmcd.malformed();
  const auto first = json(api.answer({.path = "/v1/cmcd/sessions", .limit = "2"}, kNow));
  EXPECT_EQ(first["known"], 3);
  EXPECT_EQ(first["reports"], 3);
  EXPECT_EQ(first["malformed"], 1);
  EXPECT_EQ(first["sessions"][1]["sid"], "a b");
  EXPECT_FALSE(first["sessions"][0].contains("latest"));
  EXPECT_EQ(first["next"], "/v1/cmcd/sessions?limit=2&after=a%20b");
  const auto last = json(api.answer({.path = "/v1/cmcd/sessions", .after = "a%20b"}, kNow));
  EXPECT_EQ(last["sessions"].size(), 1u);
  EXPECT_FALSE(last.contains("next"));
  EXPECT_EQ(api.answer({.path = "/v1/cmcd/sessions", .limit = "0"}, kNow).status, 422);
}

class ControlApiKeyTest : public ControlApiTest {
 protected:
  int status(Verb verb, const std::string& path, bool open_tokens, const std::string& authorization, const std::string& key = "") {
    ControlApi guarded{{.api_key = "sesame", .open_tokens = open_tokens}, streams, tokens, audit, cmcd};
    return guarded.answer({.verb = verb, .path = path, .body = "{}", .authorization = authorization, .api_key = key}, kNow).status;
  }
};

TEST_F(ControlApiKeyTest, GuardsStreamsAndWithdrawals) {
  for (const auto& [verb, path] : {std::pair{Verb::kGet, "/v1/streams"},
                                   {Verb::kPost, "/v1/streams"},
                                   {Verb::kDelete, "/v1/streams/x"},
                                   {Verb::kGet, "/v1/cmcd/sessions"},
                                   {Verb::kGet, "/v1/cmcd/sessions/x"},
                                   {Verb::kPost, "/v1/tokens/revoke"},
                                   {Verb::kPost, "/v1/tokens/expire"}}) {
    EXPECT_EQ(status(verb, path, true, ""), 401) << path;
    EXPECT_EQ(status(verb, path, true, "Bearer wrong!"), 401) << path;
    EXPECT_NE(status(verb, path, true, "Bearer sesame"), 401) << path;
    EXPECT_NE(status(verb, path, true, "", "sesame"), 401) << path;
  }
}

TEST_F(ControlApiKeyTest, OpensTokensOnlyWhenToldTo) {
  EXPECT_EQ(status(Verb::kPost, "/v1/tokens", false, ""), 401);
  EXPECT_EQ(status(Verb::kPost, "/v1/tokens", true, ""), 422);
  EXPECT_EQ(status(Verb::kPost, "/v1/tokens/refresh", false, ""), 422);
  EXPECT_EQ(status(Verb::kGet, "/v1/health", false, ""), 200);
}

}  // namespace
}  // namespace server

// What a wrong scenario is told: every problem at once, each with its path and the fix.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/random.h"
#include "harness/scenario/scenario_script.h"

namespace harness {
namespace {

using testing::ElementsAre;

constexpr std::string_view kBroken = R"({
  "nam": "first try",
  "seed": -1,
  "target": { "reference": { "token_lifetime": "0s", "edges": 2 }, "url": "master.m3u8" },
  "content": { "kind": "lve", "contribution": { "protocol": "rist" } },
  "duration": "60",
  "audience": {
    "sessions": 0,
    "arrivals": { "shape": "brust" },
    "cohorts": [
      { "share": 0.4, "device": "desktop-hlsj", "network": "fibre", "region": "eu", "path": "embedd" },
      { "share": 0.5, "device": "ios", "network": "fiber", "region": "e u", "path": "direct", "watch": "0s", "wacth": "2m" },
      { "share": "half", "network": "wifi", "region": "us" } ] },
  "drills": [
    { "name": "feed", "at": "30s", "inject": "contribution-los", "for": "8s" },
    { "name": "feed", "at": "40s", "inject": "contribution-loss", "cohorts": {} } ],
  "gates": {
    "startup_tme": "p(95)<2s",
    "startup_time{device:tv}": ["p(95)<2", { "threshold": "max<8s", "abort": true }, 3],
    "rebuffer_ratio{device:ios,region:eu}": "value<5%",
    "recovery_time{drill:fed}": [] },
  "hooks": "show.json"
})";

constexpr std::string_view kExpected = R"(
name: is required and missing; for example "name": "premiere"
seed: expected a whole number, 0 or more, got a number
target: names the reference server and an external URL; keep one of them
target.url: "master.m3u8" is not a URL that players can open; write http:// or https://, a host and a path, without user and password
target.reference.token_lifetime: must be between 1s and 24h, got 0s
target.reference.edges: is not a known field
content.kind: "lve" is not a known kind of content; did you mean live? Known: live, vod
content.contribution.protocol: "rist" is not a known contribution protocol; known: srt, rtmp
duration: "60" is not a duration; write it like "90s", "1m30s" or "250ms"
audience.sessions: must be between 1 and 1000000, got 0
audience.arrivals.shape: "brust" is not a known arrival shape; did you mean burst? Known: steady, ramp, burst, poisson
audience.arrivals.over: is required and missing; for example "over": "20s"
audience.cohorts[0].device: "desktop-hlsj" is not a known device; did you mean desktop-hlsjs? Known: android, desktop-dashjs, desktop-hlsjs, desktop-shaka, ios, tv, tv-native
audience.cohorts[0].path: "embedd" is not a known path; did you mean embed? Known: direct, embed, authenticated
audience.cohorts[1].network: "fiber" is not a known network; did you mean fibre? Known: 3g, 4g, 5g, atc-2g-developing-rural, atc-2g-developing-urban, atc-3g-average, atc-3g-good, atc-cable, atc-dsl, atc-edge-average, atc-edge-good, atc-edge-lossy, cable, dsl, fibre, mobile-unstable, satellite, train, twitch-cascade, twitch-fast-jitters, twitch-intra-cascade, twitch-slow-jitters, twitch-spike, wifi, wifi-busy
audience.cohorts[1].region: "e u" is not a name; use letters, digits and . _ -, starting with a letter or a digit, at most 64 of them
audience.cohorts[1].watch: must be between 1s and 720h, got 0s
audience.cohorts[1].wacth: is not a known field
audience.cohorts[2].share: expected a number, got a string
audience.cohorts[2].device: is required and missing; for example "device": "desktop-hlsjs"
audience.cohorts[2].path: is required and missing; known: direct, embed, authenticated
drills[0].inject: "contribution-los" is not a known drill; did you mean contribution-loss? Known: token-expiry, contribution-loss, contribution-degraded, encoder-restart, both-lost
drills[1].cohorts: is not for contribution-loss, which all viewers share; remove it
drills[1].for: is required and missing; for example "for": "10s"
drills[1].name: "feed" is the name of drills[0] already; give it another
gates.startup_tme: "startup_tme" is not a known metric; did you mean startup_time? Known: startup_time, startup_success, video_start_failures, exits_before_start, rebuffer_ratio, session_rebuffer_ratio, interruption_duration, interruption_count, seek_latency, bitrate, rendition_switches, live_latency, playback_failures, recovery_time, recovery_failures, time_to_detect, detection_failures, sessions
gates.startup_time{device:tv}[0]: "2" has no unit; write a duration such as "2s" or "2ms"
gates.startup_time{device:tv}[1].abort: is not supported: gates are judged when the run is over; remove it
gates.startup_time{device:tv}[2]: is not a threshold; write "p(95)<2s", { "threshold": "p(95)<2s" } or an array of them
gates.rebuffer_ratio{device:ios,region:eu}: selects by 2 tags; KPIs are kept by one tag at a time, so keep one
gates.rebuffer_ratio{device:ios,region:eu}: "5%": percentages are written as numbers in [0, 1]; write 0.05
gates.recovery_time{drill:fed}: "fed" is not a known drill; did you mean feed? Known: feed
gates.recovery_time{drill:fed}: is an empty list; write at least one threshold, or remove the gate
nam: is not a known field; did you mean name?
hooks: is not a known field
)";

TEST(ScenarioProblems, ListsAllOfThemAtOnceWithPathAndFix) {
  std::string text = "\n";
  for (const std::string& problem : problems_of(*base::parse_json(kBroken))) text += problem + "\n";
  EXPECT_EQ(text, kExpected);
}

struct Case {
  Changes changes;
  std::string problem;
};

class OneProblem : public testing::TestWithParam<Case> {};

TEST_P(OneProblem, IsReportedAlone) { EXPECT_THAT(problems_with(GetParam().changes), ElementsAre(GetParam().problem)); }

const std::string kUrls = R"({"url": "http://a/m.m3u8", "dash_url": "http://a/m.mpd", "token_url": "http://a/t"})";

INSTANTIATE_TEST_SUITE_P(
    Cases, OneProblem,
    testing::Values(
        // shares and sessions
        Case{{{"audience.cohorts[0].share", "0.4"}}, "audience.cohorts: the shares add up to 0.9; change them so that they add up to 1"},
        Case{{{"audience.cohorts[0].share", "0.500002"}},
             "audience.cohorts: the shares add up to 1.000002; change them so that they add up to 1"},
        Case{{{"audience.sessions", "0"}}, "audience.sessions: must be between 1 and 1000000, got 0"},
        Case{{{"audience.sessions", "-5"}}, "audience.sessions: must be between 1 and 1000000, got -5"},
        Case{{{"audience.sessions", "1000001"}}, "audience.sessions: must be between 1 and 1000000, got 1000001"},
        Case{{{"audience.cohorts", "[]"}}, "audience.cohorts: is empty; a scenario needs at least one cohort"},
        // viewers
        Case{{{"audience.cohorts[0].watch", R"({"distribution": "lognormal", "median": "5m", "p90": "1m"})"}},
             "audience.cohorts[0].watch.p90: is below the median, but nine tenths are not fewer than half; raise it"},
        Case{{{"audience.cohorts[0].watch", R"({"distribution": "normal", "mean": "5m"})"}},
             "audience.cohorts[0].watch.distribution: \"normal\" is not a known distribution; known: fixed, "
             "uniform, "
             "exponential, lognormal, weibull"},
        Case{{{"audience.cohorts[0].watch", R"({"mean": "5m"})"}},
             "audience.cohorts[0].watch.distribution: is required and missing; known: fixed, uniform, exponential, lognormal, weibull"},
        Case{{{"audience.cohorts[0].patience", R"({"distribution": "exponential", "men": "5s", "mean": "6s"})"}},
             "audience.cohorts[0].patience.men: is not a known field"},
        Case{{{"audience.cohorts[0].patience", R"({"distribution": "uniform", "min": "5s", "max": "4s"})"}},
             "audience.cohorts[0].patience.max: is below min; exchange them"},
        Case{{{"audience.cohorts[0].patience", "5"}}, "audience.cohorts[0].patience: expected a duration such as \"90s\", got a number"},
        Case{{{"audience.cohorts[0].seek", R"({"every": "0.5s"})"}},
             "audience.cohorts[0].seek.every: must be between 1s and 720h, got 500ms"},
        Case{{{"audience.cohorts[0].seek", R"({"every": "1m", "back": 0.5})"}},
             "audience.cohorts[0].seek.back: is the share of jumps that go back; add \"by\", how far they go"},
        Case{{{"audience.cohorts[0].pause", R"({"every": "1m"})"}},
             "audience.cohorts[0].pause.for: is required and missing; for example \"for\": \"30s\""},
        Case{{{"audience.cohorts[0].hide", R"({"for": "1m"})"}},
             "audience.cohorts[0].hide.every: is required and missing; for example \"every\": \"2m\""},
        Case{{{"audience.cohorts[0].zap", R"({"every": "1m"})"}},
             "audience.cohorts[0].zap: needs a second stream to turn to; add target.channels, or target.reference.channels"},
        Case{{{"audience.cohorts[0].max_height", "-1"}}, "audience.cohorts[0].max_height: must be between 0 and 8640, got -1"},
        Case{{{"target.reference.channels", "0"}}, "target.reference.channels: must be between 1 and 16, got 0"},
        // names
        Case{{{"audience.cohorts[0].device", "iso"}},
             "audience.cohorts[0].device: \"iso\" is not a known device; did you mean ios? Known: android, desktop-dashjs, desktop-hlsjs, "
             "desktop-shaka, ios, tv, tv-native"},
        Case{{{"audience.cohorts[0].network", "mobile"}},
             "audience.cohorts[0].network: \"mobile\" is not a known network; known: 3g, 4g, 5g, atc-2g-developing-rural, "
             "atc-2g-developing-urban, atc-3g-average, atc-3g-good, atc-cable, atc-dsl, atc-edge-average, atc-edge-good, atc-edge-lossy, "
             "cable, dsl, fibre, mobile-unstable, satellite, train, twitch-cascade, twitch-fast-jitters, twitch-intra-cascade, "
             "twitch-slow-jitters, twitch-spike, wifi, wifi-busy"},
        Case{{{"audience.arrivals.shape", "rampp"}},
             "audience.arrivals.shape: \"rampp\" is not a known arrival shape; did you mean ramp? Known: steady, ramp, burst, poisson"},
        Case{
            {{"audience.arrivals.over", "60s"}},
            "audience.arrivals.over: is 1m, but must be shorter than the scenario's duration of 1m, or the last viewers would see nothing"},
        Case{{{"name", "a/b"}},
             "name: \"a/b\" is not a name; use letters, digits and . _ -, starting with a letter or a digit, at most 64 of them"},
        Case{{{"audience.cohorts[0].name", "desktop-dashjs/fibre/us/authenticated"}},
             "audience.cohorts[1]: has the name of cohorts[0], \"desktop-dashjs/fibre/us/authenticated\"; give one of them another "
             "\"name\", or merge them"},
        // cmcd
        Case{{{"audience.cohorts[0].cmcd", R"({"version": 3, "send": "query"})"}}, "audience.cohorts[0].cmcd.version: is 3; write 1 or 2"},
        Case{{{"audience.cohorts[0].cmcd", R"({"version": 1, "send": "headers"})"}},
             "audience.cohorts[0].cmcd.send: \"headers\" is not a known way of sending CMCD; did you mean header? Known: query, header"},
        Case{{{"audience.cohorts[0].cmcd", R"({"send": "query"})"}},
             "audience.cohorts[0].cmcd.version: is required and missing; for example \"version\": 1"},
        Case{{{"audience.cohorts[0].cmcd", R"({"version": 2})"}},
             "audience.cohorts[0].cmcd.send: is required and missing; known: query, header"},
        // drills
        Case{{{"drills[1].at", "60s"}}, "drills[1].at: is 1m, but the scenario ends at 1m; inject it earlier or lengthen the duration"},
        Case{{{"drills[1].at", "55s"}},
             "drills[1].for: lasts until 1m3s, but the scenario ends at 1m; shorten it or lengthen the duration"},
        Case{{{"drills[1].name", "token"}}, "drills[1].name: \"token\" is the name of drills[0] already; give it another"},
        Case{{{"drills[0].inject", "contribution-loss"}, {"drills[0].for", "9s"}},
             "drills[0].cohorts: is not for contribution-loss, which all viewers share; remove it"},
        Case{{{"drills[0]", R"({"name": "a", "at": "25s", "inject": "contribution-loss", "for": "6s"})"}},
             "drills[1].at: the feed is still struck by drills[0] until 31s; inject it later"},
        Case{{{"drills[0].for", "5s"}}, "drills[0].for: is not for token-expiry, which happens at one instant; remove it"},
        Case{{{"drills[0].cohorts", R"({"device": "ios"})"}},
             "drills[0].cohorts: selects no cohort whose path is authenticated, so no token would expire; change the filter or a cohort's "
             "path"},
        Case{{{"drills[0].cohorts.device", "tv"}},
             "drills[0].cohorts.device: no cohort has the device \"tv\"; the cohorts have ios, desktop-dashjs"},
        Case{{{"drills[0].cohorts.device", "\"\""}}, "drills[0].cohorts.device: is empty; leave it out to select all"},
        Case{{{"content.kind", "vod"}},
             "drills[1].inject: contribution-loss needs live content: VOD has no feed to lose; remove the drill"},
        Case{{{"drills[1].how", "freeze"}}, "drills[1].how: \"freeze\" is not a known manner of losing a feed; known: kill, stall, flap"},
        Case{{{"drills[1].source", "backup"}},
             "drills[1].source: is the backup, and there is none; add content.contribution.backup or write \"primary\""},
        Case{{{"drills[1].inject", "both-lost"}},
             "drills[1].inject: both-lost needs content.contribution.backup; add one, or inject contribution-loss"},
        Case{{{"drills[1].inject", "encoder-restart"}},
             "drills[1].for: is not for encoder-restart, which happens at one instant; remove it"},
        Case{{{"drills[1].inject", "contribution-degraded"}},
             "drills[1].how: is required and missing; known: bitrate, packet-loss, freeze, black, silence, timestamps"},
        Case{{{"drills[0].source", "primary"}}, "drills[0].source: is for drills of the contribution; remove it"},
        Case{{{"content.contribution", R"({"protocol": "srt", "switch_after": "1s"})"}},
             "content.contribution.switch_after: is about a backup, which is not there; add backup or remove this"},
        Case{{{"content.contribution", R"({"protocol": "srt", "backup": {"protocol": "srt"}, "unfit_when": ["blak"]})"}},
             "content.contribution.unfit_when[0]: \"blak\" is not a known aspect of a feed's health; did you mean black? Known: bitrate, "
             "continuity, "
             "timestamps, freeze, black, silence, skew"},
        Case{{{"content.contribution", R"({"protocol": "srt", "backup": {"protocol": "srt"}, "unfit_when": ["skew", "skew"]})"}},
             "content.contribution.unfit_when[1]: \"skew\" is there twice"},
        Case{{{"content.contribution", R"({"protocol": "srt", "unfit_when": ["black"]})"}},
             "content.contribution.unfit_when: is about a backup, which is not there; add backup or remove this"},
        Case{{{"content.contribution", R"({"protocol": "srt", "backup": {"protocol": "srt"}, "switch_after": "100ms"})"}},
             "content.contribution.switch_after: must be between 200ms and 30s, got 100ms"},
        // targets
        Case{{{"target", kUrls}, {"drills", R"([{"name": "f", "at": "1s", "inject": "contribution-loss", "for": "8s"}])"}},
             "drills[0].inject: contribution-loss needs the reference server, whose feed the harness makes; remove the drill"},
        Case{{{"target", kUrls}, {"drills", R"([{"name": "f", "at": "1s", "inject": "token-expiry"}])"}},
             "drills[0].inject: token-expiry needs the reference server: only it can be told to void its tokens; remove the drill"},
        Case{{{"target", R"({"url": "http://a/m.m3u8", "token_url": "http://a/t"})"}, {"drills", "[]"}},
             "target.dash_url: is required and missing: cohort desktop-dashjs/fibre/us/authenticated plays DASH (desktop-dashjs)"},
        Case{{{"target", R"({"dash_url": "http://a/m.mpd", "token_url": "http://a/t"})"}, {"drills", "[]"}},
             "target.url: is required and missing: cohort ios/wifi/eu/direct plays HLS (ios)"},
        Case{{{"target", R"({"url": "http://a/m.m3u8", "dash_url": "http://a/m.mpd"})"}, {"drills", "[]"}},
             "target.token_url: is required and missing: cohort desktop-dashjs/fibre/us/authenticated is authenticated and needs tokens"},
        Case{{{"target", kUrls}, {"drills", "[]"}, {"audience.cohorts[0].path", "embed"}, {"audience.cohorts[0].device", "desktop-hlsjs"}},
             "target.embed_page: is required and missing: cohort desktop-hlsjs/wifi/eu/embed plays in a frame"},
        Case{{{"target", R"({"url": "http://a/m.m3u8", "dash_url": "http://a/m.mpd", "token_url": "http://a/t", "referrer": "http://p/"})"},
              {"drills", "[]"}},
             "target.referrer: has no embed_page beside it: it is the page that frames it; add embed_page or remove this"},
        Case{{{"audience.cohorts[0].path", "embed"}},
             "audience.cohorts[0].path: embed is a page's, but ios (avplayer) is an app; choose a player that runs in a page"},
        Case{{{"target", R"({"url": "ftp://a", "dash_url": "http://a/m.mpd", "token_url": "http://a/t"})"}, {"drills", "[]"}},
             "target.url: \"ftp://a\" is not a URL that players can open; write http:// or https://, a host and a path, without user and "
             "password"},
        Case{{{"target", kUrls}, {"drills", "[]"}, {"content.video", "sports-720p30"}},
             "content.video: is for the reference server; an external target brings its own content, so remove it"},
        Case{{{"target", "{}"}}, "target: names nothing to play; write { \"reference\": {} } or { \"url\": \"https://HOST/master.m3u8\" }"},
        Case{{{"content.kind", "vod"}, {"content.contribution.protocol", "srt"}, {"drills", "[]"}},
             "content.contribution: is for live content; remove it, or set kind to \"live\""},
        // gates
        Case{{{"gates.startup_time{device:tv}", "max<1s"}},
             "gates.startup_time{device:tv}: no cohort has the device \"tv\"; the cohorts have ios, desktop-dashjs"},
        Case{{{"gates.startup_time{path:embed}", "max<1s"}},
             "gates.startup_time{path:embed}: no cohort has the path \"embed\"; the cohorts have direct, authenticated"},
        Case{{{"gates.recovery_time{drill:fed}", "max<1s"}},
             "gates.recovery_time{drill:fed}: \"fed\" is not a known drill; did you mean feed? Known: token, feed"},
        Case{{{"gates.startup_time{device:ios,region:eu}", "max<1s"}},
             "gates.startup_time{device:ios,region:eu}: selects by 2 tags; KPIs are kept by one tag at a time, so keep one"},
        Case{{{"gates.startup_time", R"({"threshold": "max<1s", "abort": true})"}},
             "gates.startup_time.abort: is not supported: gates are judged when the run is over; remove it"},
        Case{{{"gates.recovery_time", "max<1s"}, {"drills", "[]"}},
             "gates.recovery_time: has nothing to judge: recovery_time needs a drill and the scenario has none"},
        Case{{{"gates.live_latency", "max<1s"}, {"drills", "[]"}, {"content.kind", "vod"}},
             "gates.live_latency: has nothing to judge: VOD content has no live latency"},
        Case{{{"gates.startup_time{device:ios}", "max<1s"}, {"audience.cohorts[0].share", "0.04"}, {"audience.cohorts[1].share", "0.96"}},
             "gates.startup_time{device:ios}: has nothing to judge: of 10 sessions none is left for viewers with the device \"ios\"; raise "
             "audience.sessions or their share"},
        Case{{{"gates.seek_latency", "max<1s"}}, "gates.seek_latency: has nothing to judge: no viewer seeks; add seek to a cohort"},
        Case{{{"gates.seek_latency{region:us}", "max<1s"}, {"audience.cohorts[0].seek.every", "10s"}},
             "gates.seek_latency{region:us}: has nothing to judge: no viewer with the region \"us\" seeks; add seek to a cohort"},
        Case{{{"gates.startup_time", "[]"}}, "gates.startup_time: is an empty list; write at least one threshold, or remove the gate"},
        Case{{{"gates", "[]"}}, "gates: expected an object such as { \"startup_success\": \"rate>=0.99\" }"},
        // the catalogue
        Case{{{"devices.ios.start_buffer", "40s"}},
             "devices.ios.start_buffer: 40s is more than the buffer_target of 36s: the player would never play; lower it"},
        Case{{{"devices.desktop-dashjs.abr", "bola"}},
             "devices.desktop-dashjs.abr: dash.js-5.2 is an emulation and has its own; leave it out, or take a parameterised player "
             "(\"engine\": \"custom\")"},
        Case{{{"devices.desktop-dashjs.protocol", "hls"}}, "devices.desktop-dashjs.protocol: dash.js-5.2 does not play hls"},
        Case{{{"devices.ios.safety_factor", "1.5"}}, "devices.ios.safety_factor: must be between 0.05 and 1, got 1.5"},
        Case{{{"networks.wifi.down", "0mbit"}}, "networks.wifi.down: must be between 1kbit and 100gbit, got 0bit"},
        Case{{{"networks.wifi.loss", "0.1"}}, "networks.wifi.loss: is not a known field"}));

TEST(ScenarioProblems, AreNotThoseOfAnAudienceThatCouldNotBeRead) {
  EXPECT_THAT(problems_with({{"gates.startup_time{device:ios}", "max<1s"}, {"audience.sessions", "0"}}), testing::SizeIs(1));
  EXPECT_THAT(problems_with({{"gates.startup_time{device:ios}", "max<1s"}, {"audience.cohorts[0].share", "0"}}), testing::SizeIs(2));
  EXPECT_THAT(problems_with({{"gates.seek_latency{region:us}", "max<1s"}, {"audience.cohorts[1].region", "u s"}}), testing::SizeIs(1));
  EXPECT_THAT(problems_with({{"gates.seek_latency", "max<1s"}, {"audience.cohorts[1].seek", "5"}}), testing::SizeIs(2));
}

TEST(ScenarioProblems, OfSomethingThatIsNotAnObject) {
  EXPECT_THAT(problems_of(base::Json::array()), ElementsAre(": expected an object, got an array"));
}

TEST(ScenarioProblems, OfAListThatIsTooLong) {
  base::Json document = small_scenario();
  document["drills"] = base::Json(std::vector<base::Json>(1001, document["drills"][0]));
  EXPECT_THAT(problems_of(document), ElementsAre("drills: has 1001 entries; at most 1000 are supported"));
}

const std::string kEveryLinkField = R"({"rtt": "30ms",
  "down": {"trace": {"name": "own", "scale": 2, "steps": [{"duration": "1s", "rate": "4mbit", "rtt": "60ms"}]},
           "jitter": {"deviation": "2ms", "correlation": 0.5, "keep_order": false}, "duplicate": 0.01, "reorder": 0.01, "queue": "64KiB",
           "loss": {"to_bad": 0.01, "to_good": 0.5, "loss_in_bad": 0.9, "loss_in_good": 0.001}},
  "up": {"rate": "1mbit", "delay": "10ms", "jitter": "1ms", "loss": 0.01, "queue": "1s"}, "trace_start": "run", "source": "here"})";

// Any value of the document may be of any type: the reader reports and goes on.
TEST(ScenarioProblems, SurviveAnyValueAnywhere) {
  const base::Json flat = small_scenario({{"devices.ios.safety_factor", "0.5"},
                                          {"networks.wifi", kEveryLinkField},
                                          {"networks.fibre.up.trace", R"({"profile": "train", "scale": 2})"},
                                          {"links", R"({"backend": "tun", "addresses": "10.0.0.0/9", "congestion_control": "bbr"})"},
                                          {"regions.eu", R"({"down": {"rate": "1gbit", "queue": "50ms"}, "up": "1gbit"})"}})
                              .flatten();
  for (const auto& item : flat.items()) {
    for (const char* value : {"null", "true", "-1", "1e300", "\"\"", "[]", "{}", "[{}]", "[[]]", "\"x\""}) {
      base::Json document = small_scenario();
      document[base::Json::json_pointer{item.key()}] = base::Json::parse(value);
      std::vector<base::Problem> problems;
      const Scenario scenario = read_scenario(document, "any.json", problems);
      EXPECT_TRUE(!problems.empty() || scenario.cohorts.size() > 0) << item.key() << " = " << value;
    }
  }
}

}  // namespace
}  // namespace harness

// The section "virtual".
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/scenario/scenario_script.h"

namespace harness {
namespace {

using namespace base::literals;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kVirtual = R"({
  "model": { "schema": "rehearsal/model/1", "think": { "segment": "3ms" } },
  "edges": { "eu": { "count": 4, "egress": "200gbit", "requests_per_s": 200000, "connections": 50000, "queue": "2s", "cache": "2TB",
                     "hit_latency": "500us", "origin_rtt": "25ms", "coalesce": false, "ttl": { "playlist": "1s", "segment": "1h" },
                     "stale_while_revalidate": "2s", "stale_if_error": "1m" } },
  "shield": { "origin_rtt": "5ms" },
  "origin": { "egress": "40gbit", "requests_per_s": 20000, "renditions": 6 },
  "http": "2",
  "representatives": { "of": 8, "after": "20s" }
})";

TEST(VirtualWorld, IsAbsentUnlessGiven) { EXPECT_FALSE(valid_scenario().virtual_world.has_value()); }

TEST(VirtualWorld, ReadsEdgesShieldOriginAndModel) {
  const VirtualWorld world = valid_scenario({{"virtual", kVirtual}}).virtual_world.value();
  const CachePlan& eu = world.edges.at("eu");
  EXPECT_EQ(eu.count, 4);
  EXPECT_EQ(eu.egress, base::Bitrate::bits_per_second(200'000'000'000));
  EXPECT_EQ(eu.requests_per_s, 200'000.0);
  EXPECT_EQ(eu.connections, 50'000);
  EXPECT_EQ(eu.queue, 2s);
  EXPECT_EQ(eu.cache, base::ByteCount::bytes(2'000'000'000'000));
  EXPECT_EQ(eu.hit_latency, 500us);
  EXPECT_EQ(eu.origin_rtt, 25ms);
  EXPECT_FALSE(eu.coalesce);
  EXPECT_EQ(eu.playlist_ttl, 1s);
  EXPECT_EQ(eu.init_ttl, std::nullopt);
  EXPECT_EQ(eu.segment_ttl, 1h);
  EXPECT_EQ(eu.stale_while_revalidate, 2s);
  EXPECT_EQ(eu.stale_if_error, 1min);
  EXPECT_EQ(world.shield.value().origin_rtt, 5ms);
  EXPECT_EQ(world.origin.renditions, 6);
  EXPECT_EQ(world.http, HttpVersion::k2);
  EXPECT_EQ(world.representatives, (RepresentativePlan{.of = 8, .after = 20s}));
  EXPECT_EQ(world.model.think[static_cast<std::size_t>(ObjectKind::kSegment)]->at[kMedianQuantile], 3ms);
}

TEST(VirtualWorld, SpeaksHttp1UnlessSaid) { EXPECT_EQ(valid_scenario({{"virtual", "{}"}}).virtual_world.value().http, HttpVersion::k11); }

TEST(VirtualWorld, RefusesRepresentativesWhereTheyWouldNotDo) {
  const auto with = [](const std::string& given, Changes more = {}) {
    more.emplace_back("virtual.representatives", given);
    return problems_with(more);
  };
  EXPECT_THAT(with(R"({"of": 2})"), ElementsAre());
  EXPECT_EQ(valid_scenario({{"virtual.representatives", R"({"of": 1})"}}).virtual_world.value().representatives, std::nullopt);
  EXPECT_THAT(with("{}"), ElementsAre("virtual.representatives.of: is required and missing; for example \"of\": 16"));
  EXPECT_THAT(with(R"({"of": 0, "after": "1s"})"), ElementsAre("virtual.representatives.of: must be between 1 and 1000, got 0",
                                                               "virtual.representatives.after: must be between 5s and 1h, got 1s"));
  EXPECT_THAT(with(R"({"of": 2})", {{"content", R"({"kind": "vod"})"}, {"drills", "[]"}}),
              ElementsAre(HasSubstr("virtual.representatives: is for live content")));
  EXPECT_THAT(with(R"({"of": 2})", {{"regions", R"({"eu": {"down": "1gbit", "up": "1gbit"}})"}}),
              ElementsAre(HasSubstr("virtual.representatives: cannot go with \"regions\"")));
}

TEST(VirtualWorld, ComesBackFromASavedScenario) {
  const Scenario scenario = valid_scenario({{"virtual", kVirtual}});
  std::vector<base::Problem> problems;
  EXPECT_EQ(read_scenario(scenario_to_json(scenario), "saved.json", problems).virtual_world, scenario.virtual_world);
  EXPECT_TRUE(problems.empty());
}

TEST(VirtualWorld, RefusesWhatCannotBeWithTheRemedy) {
  EXPECT_THAT(problems_with({{"virtual.edges.eu.count", "0"}}), ElementsAre("virtual.edges.eu.count: must be between 1 and 64, got 0"));
  EXPECT_THAT(problems_with({{"virtual.edges.eu.egress", "0gbit"}}), ElementsAre(HasSubstr("virtual.edges.eu.egress: must be above 0")));
  EXPECT_THAT(problems_with({{"virtual.origin.requests_per_s", "-1"}}),
              ElementsAre(HasSubstr("virtual.origin.requests_per_s: must be above 0")));
  EXPECT_THAT(problems_with({{"virtual.edges.eu.cache", "10B"}}),
              ElementsAre("virtual.edges.eu.cache: must be between 1MB and 1000TB, got 10B; a cache holds segments of megabytes"));
  EXPECT_THAT(problems_with({{"virtual.edges.mars", "{}"}}),
              ElementsAre("virtual.edges.mars: is not the region of any cohort; the cohorts have eu, us"));
  EXPECT_THAT(problems_with({{"virtual.http", R"("3")"}}),
              ElementsAre(HasSubstr("virtual.http: \"3\" is not a known HTTP version; did you mean 2? Known: 1.1, 2")));
  EXPECT_THAT(problems_with({{"virtual.shield", "{}"}}), ElementsAre(HasSubstr("virtual.shield: has no edges before it")));
  EXPECT_THAT(problems_with({{"virtual.model", R"({"schema": "rehearsal/model/1", "think": {"init": {"median": "2ms", "p99": "1ms"}}})"}}),
              ElementsAre(HasSubstr("virtual.model.think.init.p99: is 1ms, below the median of 2ms")));
  EXPECT_THAT(problems_with({{"virtual.edge", "{}"}}), ElementsAre(HasSubstr("virtual.edge: is not a known field")));
}

TEST(VirtualWorld, RefusesServersWithoutCapacity) {
  for (const char* server : {"edges.eu", "shield", "origin"}) {
    for (const char* limit : {"egress", "requests_per_s", "connections"}) {
      const std::string path = fmt::format("virtual.{}.{}", server, limit);
      const std::string zero = limit == std::string_view{"egress"} ? "0bit" : "0";
      EXPECT_THAT(
          problems_with({{"virtual.edges.eu", "{}"}, {path, zero}}),
          ElementsAre(path + ": must be above 0: a server without capacity serves nobody; write what it serves, or leave it out to set "
                             "no limit"));
    }
  }
}

TEST(VirtualWorld, RefusesServersThatCouldNotServeASingleViewer) {
  EXPECT_THAT(
      problems_with({{"virtual.edges.eu.egress", "200kbit"}}),
      ElementsAre("virtual.edges.eu.egress: is 200kbit: too little for one viewer of the lowest rendition with its audio (428kbit); is "
                  "the unit right?"));
  EXPECT_THAT(problems_with({{"virtual.model", R"({"schema": "rehearsal/model/1", "capacity": {"egress": "25bit"}})"}}),
              ElementsAre(HasSubstr("virtual.model: its capacity.egress is 25bit: too little")));
  EXPECT_THAT(
      problems_with({{"virtual.edges.eu.egress", "200kbit"}, {"virtual.content.ladder", R"([{"height": 90, "bitrate": "60kbit"}])"}}),
      ElementsAre());
}

// As a slow server is measured, and a small share of one left.
TEST(VirtualWorld, TakesServersThatAnswerLessThanOnceASecond) {
  EXPECT_EQ(valid_scenario({{"virtual.origin.requests_per_s", "0.2"}}).virtual_world.value().origin.requests_per_s, 0.2);
  EXPECT_THAT(problems_with({{"virtual.origin.requests_per_s", "1e-7"}}),
              ElementsAre(HasSubstr("virtual.origin.requests_per_s: must be at least 1e-06, got 1e-07")));
}

constexpr const char* kContent = R"({
  "segment": "6s", "window": "2m", "blocking_reload": true, "audio": { "bitrate": "96kbit", "muxed": true },
  "ladder": [ { "height": 720, "bitrate": "3mbit" }, { "width": 1440, "height": 1080, "bitrate": "6mbit" } ]
})";

TEST(VirtualWorld, ReadsTheShapeOfTheContent) {
  const Scenario scenario = valid_scenario({{"virtual.content", kContent}, {"audience.cohorts[1].device", "ios"}});
  const ContentShape shape = scenario.virtual_world.value().content.value();
  EXPECT_EQ(shape.segment, 6s);
  EXPECT_EQ(shape.window, 2min);
  EXPECT_TRUE(shape.blocking_reload);
  EXPECT_EQ(shape.audio, 96_kbps);
  EXPECT_TRUE(shape.audio_muxed);
  EXPECT_EQ(shape.ladder, (std::vector<ContentShape::Rung>{{1280, 720, 3_Mbps}, {1440, 1080, 6_Mbps}}));
  std::vector<base::Problem> problems;
  EXPECT_EQ(read_scenario(scenario_to_json(scenario), "saved.json", problems).virtual_world, scenario.virtual_world);
  EXPECT_TRUE(problems.empty());
}

TEST(VirtualWorld, TheContentIsTheReferenceServersWhereNothingElseIsSaid) {
  EXPECT_EQ(valid_scenario({{"virtual.content", "{}"}}).virtual_world.value().content, ContentShape{});
  EXPECT_EQ(valid_scenario({{"virtual", "{}"}}).virtual_world.value().content, std::nullopt);
}

TEST(VirtualWorld, RefusesContentThatCannotBeWithTheRemedy) {
  const auto with = [](const std::string& field, const std::string& value) { return problems_with({{"virtual.content." + field, value}}); };
  EXPECT_THAT(with("segment", "500ms"), ElementsAre("virtual.content.segment: must be between 1s and 10s, got 500ms"));
  EXPECT_THAT(with("segment", "11s"), ElementsAre("virtual.content.segment: must be between 1s and 10s, got 11s"));
  EXPECT_THAT(with("segment", "1000500us"), ElementsAre(HasSubstr("virtual.content.segment: must be whole milliseconds")));
  EXPECT_THAT(with("window", "20000500us"), ElementsAre(HasSubstr("virtual.content.window: must be whole milliseconds")));
  EXPECT_THAT(with("window", "7s"),
              ElementsAre("virtual.content.window: must be between 8s and 5h33m20s with segments of 2s, got 7s; make it "
                          "longer, or the segments shorter"));
  EXPECT_THAT(with("window", "6h"), ElementsAre(HasSubstr("make it shorter, or the segments longer")));
  EXPECT_THAT(with("duration", "1h"),
              ElementsAre("virtual.content.duration: is not for live content; give \"window\" instead, or remove it"));
  EXPECT_THAT(with("ladder", "[]"), ElementsAre("virtual.content.ladder: must list between 1 and 32 renditions, got 0"));
  EXPECT_THAT(with("ladder", R"([{"height": 720}])"), ElementsAre(HasSubstr("virtual.content.ladder[0].bitrate: is required and missing")));
  EXPECT_THAT(with("ladder", R"([{"height": 0, "bitrate": "1mbit"}])"),
              ElementsAre("virtual.content.ladder[0].height: must be between 16 and 8640, got 0"));
  EXPECT_THAT(with("ladder", R"([{"height": 720, "bitrate": "3gbit"}])"),
              ElementsAre("virtual.content.ladder[0].bitrate: must be between 1kbit and 1gbit, got 3gbit; is the unit right?"));
  EXPECT_THAT(with("ladder", R"([{"height": 720, "bitrate": "1mbit"}, {"height": 360, "bitrate": "1000kbit"}])"),
              ElementsAre(HasSubstr("virtual.content.ladder[1].bitrate: is another rendition's, too")));
  EXPECT_THAT(with("audio", R"({"bitrate": "0bit"})"), ElementsAre(HasSubstr("virtual.content.audio.bitrate: must be between 1kbit")));
  EXPECT_THAT(problems_with({{"virtual.content.audio.muxed", "true"}}),
              ElementsAre(HasSubstr("virtual.content.audio.muxed: is for HLS: cohort desktop-dashjs/fibre/us/authenticated plays DASH")));
}

TEST(VirtualWorld, ContentOnDemandHasADurationAndNoWindow) {
  const auto on_demand = [](const std::string& content) {
    return problems_with({{"content", R"({"kind": "vod"})"}, {"drills", "[]"}, {"gates", "{}"}, {"virtual.content", content}});
  };
  EXPECT_THAT(on_demand(R"({"duration": "90m"})"), ElementsAre());
  EXPECT_THAT(on_demand(R"({"blocking_reload": false})"),
              ElementsAre("virtual.content.blocking_reload: is not for vod content, whose playlists do not change; remove it"));
  EXPECT_THAT(on_demand(R"({"window": "1m"})"),
              ElementsAre("virtual.content.window: is not for vod content; give \"duration\" instead, or remove it"));
}

// The loader gives the reader of files; here it is the test's.
std::vector<std::string> problems_of_file(const std::string& model) {
  std::vector<base::Problem> problems;
  read_scenario(small_scenario({{"virtual.model", "models/server.json"}}), "scenarios/small.json", problems, {},
                [&](const std::string& file) {
                  EXPECT_EQ(file, "scenarios/models/server.json");
                  return base::parse_json(model).value();
                });
  std::vector<std::string> out;
  for (const base::Problem& problem : problems) out.push_back(problem.path + ": " + problem.message);
  return out;
}

TEST(VirtualWorld, ReadsAModelFileBesideTheScenario) {
  EXPECT_THAT(problems_of_file(R"({"schema": "rehearsal/model/1"})"), ElementsAre());
  EXPECT_THAT(problems_of_file(R"({"schema": "rehearsal/model/1", "capacity": {"egress": "0bit"}})"),
              ElementsAre(HasSubstr("virtual.model: scenarios/models/server.json: capacity.egress: must be above 0")));
  EXPECT_THAT(problems_of_file("[]"), ElementsAre(HasSubstr("server.json must be an object with \"schema\"")));
  EXPECT_THAT(problems_with({{"virtual.model", "server.json"}}),
              ElementsAre(HasSubstr("virtual.model: names a file, and none is read here")));
}

}  // namespace
}  // namespace harness

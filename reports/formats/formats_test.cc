#include "reports/formats/formats.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <pugixml.hpp>
#include <sstream>

#include "base/errors.h"
#include "reports/formats/sample_run.h"
#include "reports/formats/words/escape.h"

namespace reports {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::string text_of(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream{file}.rdbuf();
  return text.str();
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in{text};
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

TEST(SummaryJson, ReadsAsDocumented) {
  EXPECT_EQ(summary_json(small_run()), R"({
  "schema": "rehearsal/summary/1",
  "scenario": "smoke",
  "case": "default",
  "seed": 7,
  "world": "virtual",
  "version": "0.1.0",
  "duration": 60.0,
  "verdict": "passed",
  "outcome": "completed",
  "sessions": {"planned":1,"started":1,"failed":0,"peak_concurrent":1},
  "kpis": [
    {"metric":"startup_time","tags":{},"unit":"s","count":1,"mean":0.41,"p50":0.41,"p95":0.41,"p99":0.41,"max":0.41},
    {"metric":"startup_success","tags":{"device":"ios"},"unit":"ratio","count":1,"value":1.0,"ci95":[0.206543,1.0]}
  ],
  "gates": [
    {"metric":"startup_time","tags":{},"threshold":"p(95)<2s","observed":0.41,"verdict":"passed"}
  ],
  "drills": [
    {"name":"feed","inject":"contribution-loss","injected_at":30.0,"first_symptom_at":30.9,"recovered_at":32.0,"sessions_targeted":1,"sessions_affected":1,"sessions_recovered":1,"recovery":{"sessions":1,"p50":2.0,"p95":2.0,"max":2.0}}
  ],
  "links": [
    {"cohort":"ios","network":"wifi","backend":"model","sessions":1,"configured":{"down":"30 Mbit/s","up":"10 Mbit/s","rtt_ms":20.0,"loss_down":0.001,"loss_up":0.001,"rate_down":30000000.0}}
  ],
  "harness": {"saturated":false,"network_backend":"none"},
  "notes": [
    "Nothing was impaired."
  ]
}
)");
}

TEST(SummaryJson, GivesBackDoublesExactly) {
  StoredRun run = small_run();
  run.gates[0].observed = 0.1 + 0.2;
  const auto json = nlohmann::json::parse(summary_json(run));
  EXPECT_EQ(json["gates"][0]["observed"].get<double>(), 0.1 + 0.2);
}

TEST(SummaryJson, HoldsNoWallClockOfTheVirtualWorld) {
  StoredRun run = sample_run();
  EXPECT_THAT(summary_json(run), HasSubstr("\"started_at\": \"2026-11-24T16:18:05.250Z\""));
  run.run.world = "virtual";
  EXPECT_THAT(summary_json(run), AllOf(Not(HasSubstr("started_at")), Not(HasSubstr("cpu_cores"))));
}

TEST(SummaryJson, TellsWhatALinkMeasured) {
  const auto link = nlohmann::json::parse(summary_json(sample_run()))["links"][1];
  EXPECT_EQ(link["cohort"], "ios/wifi/eu/embed");
  EXPECT_EQ(link["configured"]["rtt_ms"], 20);
  EXPECT_EQ(link["measured"]["rtt_handshake_ms"], 20.11);
  EXPECT_EQ(link["measured"]["packets_down"], 150 * 38'000);
}

TEST(SummaryJson, LeavesOutWhatALinkDidNotMeasure) {
  StoredRun run = sample_run();
  run.links[0].goodput = run.links[0].rtt_ms = std::nullopt;
  const auto link = nlohmann::json::parse(summary_json(run))["links"][0];
  EXPECT_FALSE(link["measured"].contains("goodput"));
  EXPECT_FALSE(nlohmann::json::parse(summary_json(small_run()))["links"][0].contains("measured"));
}

TEST(SummaryJson, HasLinkLatenessOnlyWithARouter) {
  StoredRun run = sample_run();
  EXPECT_EQ(nlohmann::json::parse(summary_json(run))["harness"]["link_lateness_p99_ms"], 0.72);
  run.run.harness.link_lateness_p99_ms = std::nullopt;
  EXPECT_THAT(summary_json(run), Not(HasSubstr("link_lateness_p99_ms")));
}

StoredRun delivered() {
  StoredRun run = small_run();
  run.delivery = {{.server = "eu-1",
                   .role = "edge",
                   .region = "eu",
                   .requests = 900,
                   .hits = 700,
                   .misses = 100,
                   .coalesced = 100,
                   .bytes = 5'000'000,
                   .peak_requests = 120,
                   .peak_egress = 1.5e9,
                   .peak_connections = 40,
                   .egress_limit = 1e9,
                   .first_limit = "egress",
                   .first_limit_at = 12.5},
                  {.server = "origin", .role = "origin", .requests = 100, .renditions = 6, .renditions_limit = 4}};
  return run;
}

TEST(SummaryJson, TellsOfSimulatedServersWhereThereAreAny) {
  const auto json = nlohmann::json::parse(summary_json(delivered()))["delivery"];
  EXPECT_EQ(json[0]["cache"]["hits"], 700);
  EXPECT_EQ(json[0]["egress"], nlohmann::json({{"peak", 1.5e9}, {"limit", 1e9}}));
  EXPECT_EQ(json[0]["requests_per_s"], nlohmann::json({{"peak", 120.0}}));
  EXPECT_EQ(json[0]["first_limit"], "egress");
  EXPECT_EQ(json[0]["first_limit_at"], 12.5);
  EXPECT_FALSE(json[1].contains("cache"));
  EXPECT_FALSE(json[1].contains("first_limit"));
  EXPECT_EQ(json[1]["renditions"], nlohmann::json({{"peak", 6.0}, {"limit", 4.0}}));
  EXPECT_THAT(summary_json(small_run()), Not(HasSubstr("delivery")));
}

TEST(SummaryJson, TellsWhereTheDeliveryBreaks) {
  StoredRun run = delivered();
  run.delivery[0].first_limit_connections = 20;
  const auto json = nlohmann::json::parse(summary_json(run))["breaks"];
  ASSERT_EQ(json.size(), 1u);
  EXPECT_EQ(json[0]["server"], "eu-1");
  EXPECT_EQ(json[0]["at"], 12.5);
  EXPECT_EQ(json[0]["viewers"], 20);
  EXPECT_EQ(json[0]["most_viewers"], 40);
  EXPECT_EQ(json[0]["capacity"], 1e9);
  EXPECT_EQ(json[0]["peak"], 1.5e9);
}

TEST(SummaryJson, NeverHoldsNull) {
  StoredRun run = sample_run();
  run.kpis[0].mean = std::numeric_limits<double>::infinity();
  run.drills[0].detected_at = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THAT(summary_json(run), Not(HasSubstr("null")));
}

TEST(SummaryJson, StaysJsonWhateverTheNamesHold) {
  StoredRun run = small_run();
  run.run.scenario = "broken \xFF \" name";
  EXPECT_EQ(nlohmann::json::parse(summary_json(run))["scenario"], "broken \uFFFD \" name");
}

// The file's own required keys and enumerations, held against a run: a check without a validator.
TEST(SummaryJson, HasTheKeysThatItsSchemaRequires) {
  const auto schema = nlohmann::json::parse(text_of(std::filesystem::path{REHEARSAL_SOURCE_DIR} / "scenarios/schema/summary.schema.json"));
  const auto json = nlohmann::json::parse(summary_json(sample_run()));
  for (const auto& key : schema["required"]) EXPECT_TRUE(json.contains(key)) << key;
  for (const auto& [key, value] : json.items()) EXPECT_TRUE(schema["properties"].contains(key)) << key;
  for (const char* list : {"kpis", "gates", "drills", "links"}) {
    const auto& element = schema["properties"][list]["items"];
    for (const auto& [key, value] : json[list][0].items()) EXPECT_TRUE(element["properties"].contains(key)) << list << " " << key;
    for (const auto& key : element["required"]) EXPECT_TRUE(json[list][0].contains(key)) << list << " " << key;
  }
  const auto& broken = schema["properties"]["breaks"]["items"];
  for (const auto& each : nlohmann::json::parse(summary_json(delivered()))["breaks"])
    for (const auto& [key, value] : each.items()) EXPECT_TRUE(broken["properties"].contains(key)) << key;
  const auto& server = schema["properties"]["delivery"]["items"];
  for (const auto& each : nlohmann::json::parse(summary_json(delivered()))["delivery"]) {
    for (const auto& [key, value] : each.items()) EXPECT_TRUE(server["properties"].contains(key)) << key;
    for (const auto& key : server["required"]) EXPECT_TRUE(each.contains(key)) << key;
    for (const auto& [key, value] : each.value("cache", nlohmann::json::object()).items())
      EXPECT_TRUE(server["properties"]["cache"]["properties"].contains(key)) << key;
  }
  for (const char* half : {"configured", "measured"}) {
    const auto& listed = schema["properties"]["links"]["items"]["properties"][half]["properties"];
    for (const auto& [key, value] : json["links"][0][half].items()) EXPECT_TRUE(listed.contains(key)) << half << " " << key;
  }
  for (const auto& [key, value] : json["harness"].items()) EXPECT_TRUE(schema["properties"]["harness"]["properties"].contains(key)) << key;
}

pugi::xml_document parsed(const std::string& xml) {
  pugi::xml_document document;
  const pugi::xml_parse_result result = document.load_string(xml.c_str());
  EXPECT_TRUE(result) << result.description() << "\n" << xml;
  return document;
}

pugi::xml_node case_named(const pugi::xml_document& document, const char* name) {
  return document.child("testsuites").child("testsuite").find_child_by_attribute("testcase", "name", name);
}

TEST(Junit, CountsWhatItHolds) {
  const auto document = parsed(junit_xml(sample_run()));
  const auto suite = document.child("testsuites").child("testsuite");
  const auto cases = suite.children("testcase");
  EXPECT_EQ(suite.attribute("tests").as_int(), std::distance(cases.begin(), cases.end()));
  EXPECT_EQ(suite.attribute("tests").as_int(), 1 + 5 + 4);  // the run, gates, cohorts
  EXPECT_EQ(suite.attribute("failures").as_int(), static_cast<int>(document.select_nodes("//failure").size()));
  EXPECT_EQ(suite.attribute("failures").as_int(), 1);
  EXPECT_EQ(suite.attribute("errors").as_int(), static_cast<int>(document.select_nodes("//error").size()));
  EXPECT_EQ(suite.attribute("errors").as_int(), 1);
}

TEST(Junit, PutsTheMetricValueIntoMessageAndProperties) {
  const auto document = parsed(junit_xml(sample_run()));
  const auto test = case_named(document, "recovery_time{drill:feed} max<5s");
  EXPECT_STREQ(test.attribute("classname").value(), "premiere.default");
  EXPECT_STREQ(test.child("failure").attribute("message").value(), "observed 7.1642 s, wanted max<5s");
  EXPECT_STREQ(test.child("properties").find_child_by_attribute("name", "observed").attribute("value").value(), "7.1642");
  EXPECT_TRUE(test.attribute("time").empty());
}

TEST(Junit, CallsAnUndecidedGateAnError) {
  const auto document = parsed(junit_xml(sample_run()));
  const auto error = case_named(document, "time_to_detect{drill:cdn} max<3s").child("error");
  EXPECT_THAT(error.attribute("message").value(), HasSubstr("no drill of that name"));
}

TEST(Junit, FailsACohortOfWhichNobodyStarted) {
  StoredRun run = small_run();
  run.sessions[0].startup_time.reset();
  run.kpis.push_back({.metric = "startup_success", .kind = "rate", .unit = "ratio", .tags = {{"cohort", "ios"}}, .count = 1, .value = 0});
  const auto document = parsed(junit_xml(run));
  EXPECT_THAT(case_named(document, "cohort ios starts").child("failure").attribute("message").value(), HasSubstr("0 of 1 session started"));
}

TEST(Junit, DoesNotJudgeACohortThatHadNoChance) {
  StoredRun run = small_run();
  run.sessions[0].startup_time.reset();
  run.links = {{.cohort = "ios"}, {.cohort = "nobody"}};
  const auto document = parsed(junit_xml(run));
  EXPECT_STREQ(document.child("testsuites").attribute("skipped").value(), "2");
  EXPECT_STREQ(document.child("testsuites").attribute("failures").value(), "0");
  EXPECT_THAT(case_named(document, "cohort ios starts").child("skipped").attribute("message").value(), HasSubstr("before the end"));
  EXPECT_STREQ(case_named(document, "cohort nobody starts").child("skipped").attribute("message").value(), "it had no viewers");
}

TEST(Junit, IsNotGreenWhenTheRunDidNotComplete) {
  StoredRun run = small_run();
  run.run.outcome = "run-failed";
  run.run.outcome_reason = "the server died";
  const auto document = parsed(junit_xml(run));
  EXPECT_EQ(document.child("testsuites").attribute("errors").as_int(), 2);
  EXPECT_TRUE(case_named(document, "cohort ios starts").child("error"));
}

TEST(Junit, IsNotGreenWhenTheHarnessWasSaturated) {
  StoredRun run = small_run();
  run.run.harness.saturated = true;
  EXPECT_EQ(parsed(junit_xml(run)).child("testsuites").attribute("errors").as_int(), 1);
}

TEST(Junit, IsWellFormedWhateverTheNamesHold) {
  StoredRun run = small_run();
  run.run.scenario = "<a & \"b\"> \x01 \xFF";
  run.sessions[0].cohort = "]]> 'quoted'";
  const auto document = parsed(junit_xml(run));
  EXPECT_STREQ(document.child("testsuites").child("testsuite").attribute("name").value(), "<a & \"b\">  \uFFFD.default");
}

TEST(Timeline, IsOneJsonObjectALineInTimeOrder) {
  double before = -1e9;
  for (const std::string& line : lines_of(timeline_ndjson(sample_run(), sample_events()))) {
    const double at = nlohmann::json::parse(line)["at"];
    EXPECT_GE(at, before);
    before = at;
  }
}

TEST(Timeline, HoldsSessionsInTroubleOnly) {
  std::vector<std::string> told;
  for (const std::string& line : lines_of(timeline_ndjson(sample_run(), sample_events())))
    if (const auto json = nlohmann::json::parse(line); json["type"] == "session") told.push_back(json["what"]);
  EXPECT_THAT(told, ElementsAre("stall-began", "stall-ended", "finished"));
}

TEST(Terminal, ReadsAsDocumented) {
  EXPECT_EQ(terminal_table(small_run(), false), R"(✓ Passed  smoke / default, seed 7, 1 min
  Its only gate holds.
  Virtual: simulated in virtual time, network and server are models.

Gates
  ✓ startup_time  p(95)<2s  410 ms

Drills
  feed: contribution-loss at 30.0 s, symptom +900 ms, recovered +2 s; 1 of 1 session affected, 1
        recovered

Sessions  1 planned, 1 started, 0 failed, at most 1 at once

Notes
  - Nothing was impaired.
)");
}

TEST(Reports, KnowNoTimeOfADrillThatWasNotInjected) {
  StoredRun run = small_run();
  run.drills = {{.name = "feed", .inject = "contribution-loss", .note = "the drill was not injected: the run ended before"}};
  EXPECT_THAT(terminal_table(run, false), HasSubstr("  feed: contribution-loss: the drill was not injected: the run ended before\n"));
  EXPECT_FALSE(nlohmann::json::parse(summary_json(run))["drills"][0].contains("injected_at"));
  EXPECT_THAT(html_report(run), Not(HasSubstr("not recovered")));
}

TEST(Terminal, FitsAHundredColumns) {
  StoredRun run = sample_run();
  run.run.scenario = std::string(150, 's');
  run.run.notes.push_back(std::string(250, 'n') + " and more");
  run.gates.push_back(
      {.metric = std::string(90, 'm'), .threshold = std::string(60, 't'), .verdict = "inconclusive", .reason = std::string(90, 'r')});
  for (const std::string& line : lines_of(terminal_table(run, false))) EXPECT_LE(width(line), 100u) << line;
}

TEST(Terminal, PutsCasesThatDoNotFitBelowOneAnother) {
  std::vector<CaseRun> cases;
  for (int i = 0; i < 100; ++i) cases.push_back(case_run("encoder-bitrate-" + std::to_string(i), small_run()));
  cases.push_back(case_run(std::string(200, 'n'), small_run()));
  const std::string table = cases_table(cases, false);
  for (const std::string& line : lines_of(table)) EXPECT_LE(width(line), 100u) << line;
  for (int i = 0; i < 100; ++i) EXPECT_THAT(table, HasSubstr(cases[static_cast<std::size_t>(i)].name));
}

TEST(Cases, SayThatTheyAreVirtual) {
  StoredRun run = small_run();
  run.run.world = "virtual";
  EXPECT_THAT(cases_json({case_run("one", run)}), HasSubstr("\"world\": \"virtual\""));
  EXPECT_THAT(cases_html({case_run("one", run)}), HasSubstr("<p>Virtual: simulated in virtual time"));
  EXPECT_THAT(cases_html({}), Not(HasSubstr("<p>")));
}

TEST(Terminal, ComparesTheCohorts) {
  const std::string table = terminal_table(sample_run(), false);
  EXPECT_THAT(table, AllOf(HasSubstr("KPIs by cohort"), HasSubstr("ios/wifi/eu/embed"), HasSubstr("start p95")));
}

TEST(Terminal, SetsWhatALinkMeasuredAgainstWhatWasSet) {
  const std::string table = terminal_table(sample_run(), false);
  EXPECT_THAT(table, AllOf(HasSubstr("Networks (tun)"), HasSubstr("20.1 ms (20 ms)"), HasSubstr("0.098 % (0.1 %)"),
                           HasSubstr("13 Mbit/s (29.7 Mbit/s)")));
}

TEST(Terminal, SaysNothingOfLinksThatWereNotMeasured) { EXPECT_THAT(terminal_table(small_run(), false), Not(HasSubstr("Networks"))); }

TEST(Terminal, SaysWhatMakesItDoubtfulFirst) {
  StoredRun run = small_run();
  run.run.outcome = "interrupted";
  EXPECT_TRUE(terminal_table(run, false).starts_with("! The run was interrupted."));
}

TEST(Terminal, UsesColourOnlyWhenAsked) {
  EXPECT_THAT(terminal_table(small_run(), false), Not(HasSubstr("\x1b")));
  EXPECT_THAT(terminal_table(small_run(), true), HasSubstr("\x1b[32m"));
}

TEST(Terminal, PassesNoEscapeSequencesOn) {
  StoredRun run = small_run();
  run.run.scenario = run.drills[0].note = run.run.notes[0] = "\x1b[2Jgone";
  EXPECT_THAT(terminal_table(run, false), Not(HasSubstr("\x1b")));
}

// A run directory of its own, gone afterwards.
class WriteAll : public testing::Test {
 protected:
  WriteAll()
      : directory_{testing::TempDir() + "write-all-" + testing::UnitTest::GetInstance()->current_test_info()->name() +
                   std::to_string(::getpid())} {
    std::filesystem::create_directories(directory_);
    RunStoreWriter writer{directory_ + "/run.db"};
    const StoredRun run = small_run();
    writer.add(run.run);
    for (const SessionRow& session : run.sessions) writer.add(session);
    for (const KpiRow& kpi : run.kpis) writer.add(kpi);
    for (const GateRow& gate : run.gates) writer.add(gate);
    for (const DrillRow& drill : run.drills) writer.add(drill);
    for (const LinkRow& link : run.links) writer.add(link);
    for (const EventRow& event : sample_events()) writer.add(event);
  }
  ~WriteAll() override {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }
  std::string directory_;
};

TEST_F(WriteAll, PutsEveryReportBesideTheStore) {
  EXPECT_EQ(write_all(directory_).run.scenario, small_run().run.scenario);
  EXPECT_EQ(text_of(directory_ + "/summary.json"), summary_json(small_run()));
  EXPECT_EQ(text_of(directory_ + "/junit.xml"), junit_xml(small_run()));
  EXPECT_EQ(text_of(directory_ + "/report.html"), html_report(small_run()));
  EXPECT_EQ(lines_of(text_of(directory_ + "/timeline.ndjson")).size(), 2u);
}

TEST_F(WriteAll, PutsCasesSideBySideWithoutTheirStores) {
  const std::vector<CaseRun> cases{case_run("few", small_run()), case_run("many", sample_run())};
  std::filesystem::remove(directory_ + "/run.db");
  write_cases(directory_, cases);
  EXPECT_EQ(text_of(directory_ + "/cases.json"), cases_json(cases));
  EXPECT_EQ(text_of(directory_ + "/cases.html"), cases_html(cases));
}

TEST_F(WriteAll, NamesTheFileThatCannotBeWritten) {
  std::filesystem::create_directory(directory_ + "/junit.xml");
  try {
    write_all(directory_);
    FAIL() << "wrote over a directory";
  } catch (const base::RunFailed& problem) {
    EXPECT_THAT(problem.what(), HasSubstr("write " + directory_ + "/junit.xml: "));
  }
}

}  // namespace
}  // namespace reports

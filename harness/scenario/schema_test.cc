// scenarios/schema/scenario.schema.json says what the loader does: the same fields everywhere, the same words, the same metrics.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>
#include <set>

#include "harness/kpi/metrics.h"
#include "harness/scenario/catalogue.h"
#include "harness/scenario/names.h"
#include "harness/scenario/scenario_script.h"

namespace harness {
namespace {

using base::Json;
using base::Problem;

Json read_schema() { return base::read_json_file(std::string{REHEARSAL_SOURCE_DIR} + "/scenarios/schema/scenario.schema.json"); }

// An object of the document, and the place in the schema that describes it.
struct Place {
  const char* path;    // for apply_override
  const char* schema;  // "": the root
};
constexpr std::array kPlaces{Place{"", ""},
                             Place{"target", "target"},
                             Place{"target.reference", "reference"},
                             Place{"content", "content"},
                             Place{"content.contribution", "contribution"},
                             Place{"content.contribution.backup", "backup"},
                             Place{"audience", "audience"},
                             Place{"audience.arrivals", "arrivals"},
                             Place{"audience.cohorts[0]", "cohort"},
                             Place{"audience.cohorts[0].cmcd", "cmcd"},
                             Place{"audience.cohorts[0].seek", "seek"},
                             Place{"audience.cohorts[0].pause", "spells"},
                             Place{"audience.cohorts[0].zap", "zap"},
                             Place{"drills[0]", "drill"},
                             Place{"cases[0]", "case"},
                             Place{"drills[0].cohorts", "filter"},
                             Place{"gates.startup_success", "long_threshold"},
                             Place{"devices.ios", "device"},
                             Place{"networks.wifi", "network"},
                             Place{"networks.wifi.down", "direction"},
                             Place{"networks.wifi.down.jitter", "jitter"},
                             Place{"networks.wifi.down.loss", "bursts"},
                             Place{"networks.wifi.up.trace", "trace"},
                             Place{"networks.wifi.up.trace.steps[0]", "trace_step"},
                             Place{"links", "links"},
                             Place{"regions.eu", "region"},
                             Place{"regions.eu.down", "bottleneck"},
                             Place{"virtual", "virtual"},
                             Place{"virtual.edges.eu", "edge"},
                             Place{"virtual.edges.eu.ttl", "ttl"},
                             Place{"virtual.shield", "edge"},
                             Place{"virtual.origin", "origin"},
                             Place{"virtual.content", "content_shape"},
                             Place{"virtual.content.ladder[0]", "rung"},
                             Place{"virtual.content.audio", "content_audio"}};

Json full_scenario() {
  return small_scenario({{"devices.ios.safety_factor", "0.5"},
                         {"networks.wifi.rtt", "5ms"},
                         {"networks.wifi.down.jitter.deviation", "1ms"},
                         {"networks.wifi.down.loss", R"({"to_bad": 0.01, "to_good": 0.5})"},
                         {"networks.wifi.up.trace.steps", R"([{"duration": "1s", "rate": "4mbit"}])"},
                         {"links.backend", "none"},
                         {"regions.eu.down.rate", "200mbit"},
                         {"virtual.model", R"({"schema": "rehearsal/model/1"})"},
                         {"virtual.edges.eu.ttl.segment", "1h"},
                         {"virtual.shield.origin_rtt", "10ms"},
                         {"virtual.origin.egress", "40gbit"},
                         {"virtual.content.ladder", R"([{"height": 720, "bitrate": "2mbit"}])"},
                         {"virtual.content.audio.bitrate", "96kbit"},
                         {"content.contribution", R"({"protocol": "srt", "backup": {"protocol": "rtmp"}})"},
                         {"audience.cohorts[0].cmcd", R"({"version": 2, "send": "header"})"},
                         {"target.reference.channels", "2"},
                         {"cases", R"([{"name": "a"}, {"name": "b"}])"},
                         {"audience.cohorts[0].seek", R"({"every": "1m", "by": "10s"})"},
                         {"audience.cohorts[0].pause", R"({"every": "1m", "for": "10s"})"},
                         {"audience.cohorts[0].zap", R"({"every": "1m"})"},
                         {"gates.startup_success", R"({"threshold": "rate>=0.99"})"}});
}

bool is_unknown_field(Json document, const Place& place, const std::string& field) {
  const std::string path = *place.path == '\0' ? field : std::string{place.path} + "." + field;
  EXPECT_TRUE(apply_override(document, path, "null").has_value()) << path;
  std::vector<Problem> problems;
  read_scenario(document, "full.json", problems);
  return std::any_of(problems.begin(), problems.end(),
                     [&](const Problem& problem) { return problem.path == path && problem.message.find("is not a known field") == 0; });
}

const Json& described(const Json& rules, const char* name) { return *name == '\0' ? rules : rules.at("$defs").at(name); }

TEST(ScenarioSchema, DescribesAValidScenario) {
  std::vector<Problem> problems;
  read_scenario(full_scenario(), "full.json", problems);
  EXPECT_TRUE(problems.empty());
}

TEST(ScenarioSchema, ListsOnlyFieldsThatTheLoaderReads) {
  const Json rules = read_schema();
  for (const Place& place : kPlaces)
    for (const auto& field : described(rules, place.schema).at("properties").items())
      EXPECT_FALSE(is_unknown_field(full_scenario(), place, field.key())) << place.schema << " " << field.key();
}

TEST(ScenarioSchema, RefusesOtherFieldsWhereTheLoaderDoes) {
  const Json rules = read_schema();
  for (const Place& place : kPlaces) {
    EXPECT_TRUE(is_unknown_field(full_scenario(), place, "zzz")) << place.schema;
    EXPECT_EQ(described(rules, place.schema).at("additionalProperties"), false) << place.schema;
  }
}

// What the loader writes, the schema lists: fields that only the loader knew would show up here.
void expect_listed(const Json& rules, const char* name, const Json& object) {
  for (const auto& item : object.items())
    EXPECT_TRUE(described(rules, name).at("properties").contains(item.key())) << name << " " << item.key();
}

TEST(ScenarioSchema, ListsEveryFieldOfASavedScenario) {
  const Json rules = read_schema();
  const Json saved =
      scenario_to_json(valid_scenario({{"audience.cohorts[0].cmcd", R"({"version": 1, "send": "query"})"},
                                       {"virtual", R"({"edges": {"eu": {"egress": "1gbit", "requests_per_s": 9, "connections": 9,
                                        "ttl": {"playlist": "1s", "init": "1h", "segment": "1h"}}}, "shield": {},
                       "origin": {"egress": "1gbit", "requests_per_s": 9, "connections": 9, "queue": "1s", "renditions": 9},
                       "content": {"window": "1m"}})"}}));
  expect_listed(rules, "", saved);
  expect_listed(rules, "reference", saved["target"]["reference"]);
  expect_listed(rules, "content", saved["content"]);
  expect_listed(rules, "audience", saved["audience"]);
  expect_listed(rules, "arrivals", saved["audience"]["arrivals"]);
  for (const Json& cohort : saved["audience"]["cohorts"]) expect_listed(rules, "cohort", cohort);
  expect_listed(rules, "cmcd", saved["audience"]["cohorts"][0]["cmcd"]);
  for (const Json& drill : saved["drills"]) expect_listed(rules, "drill", drill);
  for (const Json& device : saved["devices"]) expect_listed(rules, "device", device);
  for (const Json& network : saved["networks"]) {
    expect_listed(rules, "network", network);
    expect_listed(rules, "direction", network["down"]);
  }
  expect_listed(rules, "links", saved["links"]);
  expect_listed(rules, "virtual", saved["virtual"]);
  expect_listed(rules, "edge", saved["virtual"]["edges"]["eu"]);
  expect_listed(rules, "ttl", saved["virtual"]["edges"]["eu"]["ttl"]);
  expect_listed(rules, "origin", saved["virtual"]["origin"]);
  expect_listed(rules, "content_shape", saved["virtual"]["content"]);
  expect_listed(rules, "rung", saved["virtual"]["content"]["ladder"][0]);
  expect_listed(rules, "content_audio", saved["virtual"]["content"]["audio"]);
}

TEST(ScenarioSchema, AsksForWhatTheLoaderAsksFor) {
  const Json rules = read_schema();
  for (const Place& place : kPlaces) {
    for (const Json& field : described(rules, place.schema).value("required", Json::array())) {
      Json document = full_scenario();
      const std::string parent = place.path;
      std::vector<Problem> problems;
      Json* object = &document;
      if (!parent.empty()) {
        const std::string elements = std::regex_replace(parent, std::regex{"\\[(\\d+)\\]"}, "/$1");
        object = &document[Json::json_pointer{"/" + std::regex_replace(elements, std::regex{"\\."}, "/")}];
      }
      object->erase(field.get<std::string>());
      read_scenario(document, "full.json", problems);
      const std::string path = (parent.empty() ? "" : parent + ".") + field.get<std::string>();
      EXPECT_TRUE(std::any_of(problems.begin(), problems.end(), [&](const Problem& problem) {
        return problem.path == path && problem.message.find("is required and missing") == 0;
      })) << path;
    }
  }
}

// Every alternative of a distribution is read with the fields that the schema offers, and no others.
TEST(ScenarioSchema, OffersTheParametersOfEveryDistribution) {
  std::set<std::string> offered, read{"distribution"};
  const Json rules = read_schema();
  for (const auto& field : described(rules, "distribution").at("properties").items()) offered.insert(field.key());
  for (const auto& [name, word] : kDistributionNames) {
    for (const std::string& field : offered) {
      if (field == "distribution") continue;
      const std::string parameters = fmt::format(R"({{"distribution": "{}", "{}": null}})", name, field);
      for (const std::string& problem : problems_with({{"audience.cohorts[0].watch", parameters}}))
        if (problem.find("is not a known field") == std::string::npos && problem.find("." + field + ":") != std::string::npos)
          read.insert(field);
    }
  }
  EXPECT_EQ(read, offered);
}

template <class Names>
void expect_words(const Json& rules, const char* object, const char* field, const Names& names) {
  EXPECT_EQ(described(rules, object).at("properties").at(field).at("enum").get<std::vector<std::string>>(), all_names(names)) << field;
}

TEST(ScenarioSchema, KnowsTheSameWords) {
  const Json rules = read_schema();
  expect_words(rules, "content", "kind", kContentNames);
  expect_words(rules, "arrivals", "shape", kShapeNames);
  expect_words(rules, "cohort", "path", kPathNames);
  expect_words(rules, "distribution", "distribution", kDistributionNames);
  expect_words(rules, "cmcd", "send", kCmcdSendingNames);
  expect_words(rules, "drill", "inject", kDrillNames);
  expect_words(rules, "device", "protocol", kProtocolNames);
  expect_words(rules, "device", "abr", kAbrNames);
  expect_words(rules, "device", "engine", kEngineNames);
  expect_words(rules, "network", "trace_start", kTraceStartNames);
  expect_words(rules, "links", "backend", kLinkChoiceNames);
}

TEST(ScenarioSchema, OffersTheCatalogue) {
  const Json rules = read_schema();
  const Catalogue catalogue = built_in_catalogue();
  EXPECT_THAT(described(rules, "cohort").at("properties").at("device").at("examples").get<std::vector<std::string>>(),
              testing::UnorderedElementsAreArray(names_of(catalogue.devices)));
  EXPECT_THAT(described(rules, "cohort").at("properties").at("network").at("examples").get<std::vector<std::string>>(),
              testing::UnorderedElementsAreArray(names_of(catalogue.networks)));
}

TEST(ScenarioSchema, KnowsEveryMetric) {
  const Json rules = read_schema();
  const std::regex key{described(rules, "gates").at("propertyNames").at("pattern").get<std::string>()};
  for (const Metric& metric : kMetrics) {
    EXPECT_TRUE(std::regex_match(std::string{metric.name}, key)) << metric.name;
    EXPECT_TRUE(std::regex_match(std::string{metric.name} + "{cohort:tv/wifi/eu/direct}", key)) << metric.name;
  }
  EXPECT_FALSE(std::regex_match("startup_tme", key));
}

TEST(ScenarioSchema, AcceptsTheThresholdsThatTheParserAccepts) {
  const Json rules = read_schema();
  const std::regex form{described(rules, "threshold").at("pattern").get<std::string>()};
  for (const char* text : {"p(95)<2s", "p(99.9)<1m30s", "rate>=0.99", "avg>=2.5mbit", "count == 3", "med<500ms"})
    EXPECT_TRUE(std::regex_match(text, form)) << text;
  for (const char* text : {"p(95)", "value<5%", "max<8s for 10s", "mean<1s"}) EXPECT_FALSE(std::regex_match(text, form)) << text;
}

}  // namespace
}  // namespace harness

#include "harness/scenario/model_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/scenario/override.h"

namespace harness {
namespace {

using namespace base::literals;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::string_view kFullModel = R"({
  "schema": "rehearsal/model/1",
  "think": {
    "master": "500us", "init": "700us", "token": "8ms", "page": "900us",
    "playlist": { "median": "1ms", "p99": "4ms" },
    "segment": { "p1": "1ms", "p5": "1ms", "p10": "1ms", "p25": "1.5ms", "median": "2ms", "p75": "3ms", "p90": "5ms", "p95": "6ms", "p99": "9ms" } },
  "connection": { "accept_cpu": "50us", "tls_cpu": "940us", "limit": 20000 },
  "capacity": { "requests_per_s": 30000.5, "egress": "25gbit", "queue": "500ms", "cores": 2 },
  "transcode": { "renditions": 12 },
  "measured": { "server": "nginx/1.22.1", "target": "http://127.0.0.1/master.m3u8", "date": "2026-11-24T16:18:05.250Z",
                "figures": [ { "figure": "think.segment", "count": 200, "how": "one at a time" } ] }
})";

base::Json model_with(const std::vector<std::pair<std::string, std::string>>& changes) {
  base::Json document = *base::parse_json(kFullModel);
  for (const auto& [path, value] : changes) EXPECT_TRUE(apply_override(document, path, value).has_value()) << path;
  return document;
}

std::vector<std::string> faults_with(const std::vector<std::pair<std::string, std::string>>& changes) {
  std::vector<base::Problem> problems;
  read_server_model(model_with(changes), problems);
  std::vector<std::string> out;
  for (const base::Problem& problem : problems) out.push_back(problem.path + ": " + problem.message);
  return out;
}

TEST(ModelFile, ReadsEveryFigure) {
  std::vector<base::Problem> problems;
  const ServerModel model = read_server_model(model_with({}), problems);
  EXPECT_THAT(problems, IsEmpty());
  const auto think = [&](ObjectKind kind) { return model.think[static_cast<std::size_t>(kind)].value(); };
  EXPECT_EQ(think(ObjectKind::kMaster).at[kMedianQuantile], 500us);
  EXPECT_EQ(think(ObjectKind::kPlaylist).at.back(), 4ms);
  EXPECT_EQ(think(ObjectKind::kSegment).at[3], 1500us);
  EXPECT_EQ(model.accept_cpu, 50us);
  EXPECT_EQ(model.tls_cpu, 940us);
  EXPECT_EQ(model.connections, 20000);
  EXPECT_EQ(model.requests_per_s, 30000.5);
  EXPECT_EQ(model.egress, base::Bitrate::bits_per_second(25'000'000'000));
  EXPECT_EQ(model.queue, 500ms);
  EXPECT_EQ(model.cores, 2.0);
  EXPECT_EQ(model.renditions, 12);
  EXPECT_EQ(model.figures, (std::vector<Provenance>{{"think.segment", 200, "one at a time"}}));
}

TEST(ModelFile, GivesBackWhatItWrote) {
  std::vector<base::Problem> problems;
  ServerModel model = read_server_model(model_with({}), problems);
  model.think[0]->at[kMedianQuantile] = 123'457ns;
  model.requests_per_s = 0.05;  // three answers in a step of a minute
  EXPECT_EQ(read_server_model(server_model_json(model), problems), model);
  EXPECT_EQ(read_server_model(server_model_json(ServerModel{}), problems), ServerModel{});
  EXPECT_THAT(problems, IsEmpty());
}

TEST(ModelFile, RefusesAbsurdFiguresWithTheRemedy) {
  EXPECT_THAT(faults_with({{"capacity.requests_per_s", "0"}}),
              ElementsAre("capacity.requests_per_s: must be above 0: a server without capacity serves nobody; write what it serves, or "
                          "leave it out to set no limit"));
  EXPECT_THAT(faults_with({{"capacity.requests_per_s", "-5"}}), ElementsAre(HasSubstr("must be above 0")));
  EXPECT_THAT(faults_with({{"capacity.egress", "0bit"}}), ElementsAre(HasSubstr("capacity.egress: must be above 0")));
  EXPECT_THAT(faults_with({{"connection.limit", "0"}}), ElementsAre(HasSubstr("connection.limit: must be above 0")));
  EXPECT_THAT(faults_with({{"transcode.renditions", "0"}}), ElementsAre(HasSubstr("transcode.renditions: must be above 0")));
  EXPECT_THAT(faults_with({{"think.playlist.p99", "500us"}}),
              ElementsAre("think.playlist.p99: is 500us, below the median of 1ms: quantiles never fall; are the two exchanged?"));
  EXPECT_THAT(faults_with({{"think.master", "61s"}}), ElementsAre(HasSubstr("think.master: is 1m1s: no answer takes longer than 1m")));
  EXPECT_THAT(faults_with({{"think.master", "0s"}}), ElementsAre("think.master: is 0s: no server answers at once; write at least 1us"));
  EXPECT_THAT(faults_with({{"think.master", "-2ms"}}), ElementsAre(HasSubstr("think.master: \"-2ms\" is not a duration")));
  EXPECT_THAT(faults_with({{"connection.tls_cpu", "11s"}}), ElementsAre("connection.tls_cpu: must be between 0s and 10s, got 11s"));
  EXPECT_THAT(faults_with({{"capacity.cores", "0"}}), ElementsAre(HasSubstr("capacity.cores: must be between 0.0001 and 10000")));
  EXPECT_THAT(faults_with({{"schema", "rehearsal/model/2"}}), ElementsAre(HasSubstr("it must be \"rehearsal/model/1\"")));
}

TEST(ModelFile, NamesEveryErrorAtOnce) {
  const std::vector<std::string> faults =
      faults_with({{"capacity.egres", "1gbit"}, {"capacity.queue", "0s"}, {"think.segment", "{}"}, {"think.pages", "1ms"}});
  EXPECT_THAT(faults, Contains(HasSubstr("capacity.egres: is not a known field")));
  EXPECT_THAT(faults, Contains(HasSubstr("capacity.queue: must be between 1ms and 1m")));
  EXPECT_THAT(faults, Contains(HasSubstr("think.segment.median: is required and missing")));
  EXPECT_THAT(faults, Contains(HasSubstr("think.pages: is not a known field")));
  EXPECT_EQ(faults.size(), 4u);
}

// scenarios/schema/model.schema.json lists the fields that the reader reads, and no others.
TEST(ModelFile, HasASchemaThatListsItsFields) {
  const base::Json rules = base::read_json_file(std::string{REHEARSAL_SOURCE_DIR} + "/scenarios/schema/model.schema.json");
  for (const auto& [path, name] :
       {std::pair{"", ""}, std::pair{"think", "think"}, std::pair{"think.segment", "quantiles"}, std::pair{"connection", "connection"},
        std::pair{"capacity", "capacity"}, std::pair{"transcode", "transcode"}, std::pair{"measured", "measured"}}) {
    const base::Json& described = *name == '\0' ? rules : rules.at("$defs").at(name);
    const std::string prefix = *path == '\0' ? "" : std::string{path} + ".";
    for (const auto& field : described.at("properties").items())
      EXPECT_THAT(faults_with({{prefix + field.key(), "null"}}), testing::Not(Contains(HasSubstr("is not a known field")))) << field.key();
    EXPECT_THAT(faults_with({{prefix + "zzz", "null"}}), Contains(HasSubstr("is not a known field"))) << path;
    EXPECT_EQ(described.at("additionalProperties"), false) << path;
    const base::Json whole = server_model_json(*[] {
      static std::vector<base::Problem> none;
      static const ServerModel model = read_server_model(*base::parse_json(kFullModel), none);
      return &model;
    }());
    const base::Json& written =
        *path == '\0'
            ? whole
            : whole.at(base::Json::json_pointer{"/" + std::string{path == std::string{"think.segment"} ? "think/segment" : path}});
    for (const auto& field : written.items()) EXPECT_TRUE(described.at("properties").contains(field.key())) << path << " " << field.key();
  }
}

}  // namespace
}  // namespace harness

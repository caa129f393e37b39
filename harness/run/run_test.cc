#include "harness/run/run.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/json_reader.h"

namespace harness {
namespace {

// What is told, as far as the first semicolon and behind the file, of edges.json with these cases, before anything is written.
std::string told_of(const std::vector<base::Json>& cases, double scale) {
  const std::string folder = testing::TempDir() + "rehearsal_run_" + std::to_string(::getpid());
  std::filesystem::create_directories(folder);
  base::Json scenario = base::read_json_file(std::string{REHEARSAL_SOURCE_DIR} + "/scenarios/edges.json");
  scenario["cases"] = cases;
  std::ofstream{folder + "/scenario.json"} << scenario;
  RunOptions options;
  options.scenario_file = folder + "/scenario.json";
  options.directory = folder + "/out";
  options.scale = scale;
  std::string told = "nothing";
  try {
    simulate_scenario(options);
  } catch (const base::InvalidInput& failure) {
    told = failure.problems().front().path + ": " + failure.problems().front().message;
  }
  EXPECT_FALSE(std::filesystem::exists(options.directory));
  std::filesystem::remove_all(folder);
  return told.substr(0, told.find(';'));
}

TEST(SimulateScenario, TellsWhatScalingMakesOfTheLastCaseBeforeTheFirst) {
  const base::Json narrow = {{"virtual.edges.us.egress", "100mbit"}};
  EXPECT_EQ(told_of({{{"name", "as-it-is"}, {"set", base::Json::object()}}, {{"name", "narrow"}, {"set", narrow}}}, 0.1)
                .find("cases[1] (narrow): --scale: 0.1 leaves"),
            0u);
}

TEST(SimulateScenario, TellsWhatHasNoModelInTheLastCaseBeforeTheFirst) {
  base::Json elsewhere = {{"target", {{"url", "https://example.org/master.m3u8"}, {"dash_url", "https://example.org/manifest.mpd"}}},
                          {"content", {{"kind", "live"}}},
                          {"drills", base::Json::array()}};
  EXPECT_EQ(told_of({{{"name", "as-it-is"}, {"set", base::Json::object()}}, {{"name", "elsewhere"}, {"set", elsewhere}}}, 0.1),
            "cases[1] (elsewhere): target.url: cannot be simulated: only the reference target has a model");
}

}  // namespace
}  // namespace harness

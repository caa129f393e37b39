#include "harness/run/run.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/json_reader.h"

namespace harness {
namespace {

TEST(SimulateScenario, TellsWhatScalingMakesOfTheLastCaseBeforeTheFirst) {
  const std::string folder = testing::TempDir() + "rehearsal_run_" + std::to_string(::getpid());
  std::filesystem::create_directories(folder);
  base::Json scenario = base::read_json_file(std::string{REHEARSAL_SOURCE_DIR} + "/scenarios/edges.json");
  scenario["cases"] = base::Json::array(
      {{{"name", "as-it-is"}, {"set", base::Json::object()}}, {{"name", "narrow"}, {"set", {{"virtual.edges.us.egress", "100mbit"}}}}});
  std::ofstream{folder + "/scenario.json"} << scenario;
  RunOptions options;
  options.scenario_file = folder + "/scenario.json";
  options.directory = folder + "/out";
  options.scale = 0.1;
  EXPECT_THROW(simulate_scenario(options), base::InvalidInput);
  EXPECT_FALSE(std::filesystem::exists(options.directory));
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace harness

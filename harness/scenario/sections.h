// The sections of a scenario file, each read into its part of the Scenario. They record problems in the root's list and leave
// defaults where a field could not be read; what depends on such a field is then not judged twice.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json_reader.h"
#include "harness/scenario/catalogue.h"
#include "harness/scenario/document_reader.h"
#include "harness/scenario/scenario.h"
#include "harness/scenario/video_names.h"

namespace harness {

// The reader of an object that must be there; absent (and recorded, with the example) when it is not.
std::optional<base::JsonObject> required_section(base::JsonObject& root, std::string_view name, std::string_view example);

Target read_target(base::JsonObject& root);
struct VideoNames {
  std::string file;            // video files are looked for beside it
  VideoNameCheck check_video;  // may be empty
};
// Requires: scenario.target is read.
Content read_content(base::JsonObject& root, const VideoNames& names, const Target& target);
// sessions, arrivals, cohorts and, from the catalogue, the devices and networks that they use. Requires: scenario.duration is read.
void read_audience(base::JsonObject& root, const Catalogue& catalogue, Scenario& scenario);
// What the viewers of a cohort do. `channels`: streams of the target.
Behaviour read_behaviour(base::JsonObject& cohort, std::size_t channels);
// Checks that the addresses are enough for so many sessions.
Links read_links(base::JsonObject& root, std::uint32_t sessions);
// The regions' shared bottlenecks.
std::map<std::string, netem::LinkSpec> read_regions(base::JsonObject& root, const std::vector<Cohort>& cohorts);
// What a simulation has between viewers and content. `file` and `read`: as of read_scenario. Requires: content and audience are read.
std::optional<VirtualWorld> read_virtual_world(base::JsonObject& root, const Scenario& scenario, const DocumentReader& read);
// The shape of its content. Requires: content and audience are read.
std::optional<ContentShape> read_content_shape(base::JsonObject& virtual_world, const Scenario& scenario);
// Require: everything before is read.
std::vector<DrillPlan> read_drills(base::JsonObject& root, const Scenario& scenario);
std::vector<Gate> read_gates(base::JsonObject& root, const Scenario& scenario);
// That the target has what the cohorts need of it.
void check_target(base::JsonObject& root, const Scenario& scenario);

// The "device", "network", "region", "path" or "cohort" of one.
std::string value_of(const Cohort& cohort, std::string_view property);
// The values of "device", "network", "region", "path" or "cohort" over the cohorts, each once; empty when one could not be read.
std::vector<std::string> values_of(const std::vector<Cohort>& cohorts, std::string_view property);

}  // namespace harness

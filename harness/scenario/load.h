// Scenario files: JSON with comments -> Scenario, every problem at once with its path. The catalogues of devices and networks are
// built in (from scenarios/catalogue/) and can be extended by a scenario's own "devices" and "networks" objects.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/json_reader.h"
#include "harness/scenario/cases.h"
#include "harness/scenario/document_reader.h"
#include "harness/scenario/scenario.h"
#include "harness/scenario/trace_files.h"
#include "harness/scenario/video_names.h"

namespace harness {

// `overrides`: from --set, dotted paths and JSON values ("audience.sessions", "50"; a value that is not JSON is taken as text),
// applied before validation. `check_video`: of content.video where it names a test pattern; without it any that has the form is right.
// Throws base::InvalidInput.
Scenario load_scenario(const std::string& file, const std::vector<std::pair<std::string, std::string>>& overrides = {},
                       const VideoNameCheck& check_video = {});
// The same from a parsed document; `problems` are appended to. Without `read_trace` a trace that names a file is a problem, and so is
// a model file without `read_document`: no file is opened.
Scenario read_scenario(const base::Json& document, const std::string& file, std::vector<base::Problem>& problems,
                       const TraceReader& read_trace = {}, const DocumentReader& read_document = {},
                       const VideoNameCheck& check_video = {});

// The cases of a file, each of them read as it is played: behind `overrides`. Throws base::InvalidInput with the problems of all, the
// case before each path, and where an override would have no effect.
std::vector<ScenarioCase> load_checked_cases(const std::string& file, const ScenarioCase::Sets& overrides,
                                             const VideoNameCheck& check_video = {});

// As resolved: what scenario.json of a run directory holds. load(save(x)) equals x.
base::Json scenario_to_json(const Scenario& scenario);

}  // namespace harness

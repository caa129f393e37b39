// Test videos by name, generated once and kept in the user's cache ($XDG_CACHE_HOME or ~/.cache, then rehearsal/video).
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace harness {

// The file for "sports-720p30", generated when absent; a path to an existing file is returned as it is. `directory`: the scenario's,
// for relative paths. `progress` as in generators::generate_video. Throws base::InvalidInput, base::RunFailed, base::Interrupted.
std::string video_file(const std::string& name, const std::string& scenario_file, const std::function<bool(double)>& progress);

// Of the name of a test pattern, as load_scenario asks (harness/scenario/video_names.h).
std::string video_name_flaw(std::string_view name);

}  // namespace harness

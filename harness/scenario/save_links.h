// The parts of a saved scenario that are about links, and quantities as text that reads back exactly.
#pragma once

#include <map>
#include <string>

#include "base/json_reader.h"
#include "harness/scenario/scenario.h"

namespace harness {

// Short where that is exact, else to the last digit.
std::string exact_text(base::Duration duration);
std::string exact_text(base::Bitrate rate);

// Every field of each, so that none of the catalogue's shows through; traces by their steps.
base::Json networks_json(const std::map<std::string, Network>& networks);
base::Json links_json(const Links& links);
base::Json regions_json(const std::map<std::string, netem::LinkSpec>& bottlenecks);

}  // namespace harness

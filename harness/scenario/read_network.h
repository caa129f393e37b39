// One entry of a scenario's "networks", or of the catalogue: JSON -> Network.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/json_reader.h"
#include "harness/scenario/scenario.h"
#include "harness/scenario/trace_files.h"

namespace harness {

// Where the traces that a network names come from; null: there are none.
struct TraceSources {
  const std::map<std::string, Network>* profiles = nullptr;  // of the catalogue: their downlinks' traces
  const TraceFiles* files = nullptr;
};

// Changes what the entry gives; one that `is_new` gives both rates (or traces) and the round trip. Every problem goes to the entry's list.
void read_network(base::JsonObject& entry, bool is_new, const TraceSources& sources, Network& network);

// "30mbit" or "unlimited".
std::optional<netem::Rate> rate_field(base::JsonObject& object, std::string_view name);
// "100ms", "64KiB" or "auto".
std::optional<netem::QueueLimit> queue_field(base::JsonObject& object, std::string_view name);

// A file's name, { "file": … }, { "profile": … } or { "steps": […] }, each object with an optional "scale". `fallback_name` names a
// trace that has no name of its own. Nothing when it is absent or wrong.
std::shared_ptr<const netem::Trace> trace_field(base::JsonObject& object, std::string_view name, const TraceSources& sources,
                                                const std::string& fallback_name);

}  // namespace harness

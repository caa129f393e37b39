// The devices and networks that cohorts may name: built in from scenarios/catalogue/, overridden or extended by a scenario's own
// "devices" and "networks" objects.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/json_reader.h"
#include "harness/scenario/scenario.h"
#include "harness/scenario/trace_files.h"

namespace harness {

struct Catalogue {
  std::map<std::string, Device> devices;
  std::map<std::string, Network> networks;
};

const Catalogue& built_in_catalogue();
// The one that an option names. Throws base::InvalidInput when there is no such device.
const Device& built_in_device(const std::string& option, const std::string& name);
// Reads "devices" and "networks" of `root`. An entry of a known name changes the fields it gives; a new one gives them all.
void extend_catalogue(Catalogue& catalogue, base::JsonObject& root, const TraceFiles& files);

template <class T>
std::vector<std::string> names_of(const std::map<std::string, T>& entries) {
  std::vector<std::string> names;
  for (const auto& [name, entry] : entries) names.push_back(name);
  return names;
}

}  // namespace harness

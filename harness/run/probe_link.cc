#include "harness/run/probe_link.h"

#include "harness/scenario/catalogue.h"

namespace harness {

const netem::LinkSpec& probe_link() { return built_in_catalogue().networks.at("fibre").link; }

}  // namespace harness

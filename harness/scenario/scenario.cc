#include "harness/scenario/scenario.h"

#include "harness/scenario/names.h"

namespace harness {
namespace {

bool selects(const std::string& wanted, std::string_view value) { return wanted.empty() || wanted == value; }

}  // namespace

const char* to_text(StreamingProtocol protocol) { return name_in(kProtocolNames, protocol); }
const char* to_text(PathKind path) { return name_in(kPathNames, path); }
const char* to_text(DrillKind kind) { return name_in(kDrillNames, kind); }

bool matches(const CohortFilter& filter, const Cohort& cohort) {
  return selects(filter.device, cohort.device) && selects(filter.network, cohort.network) && selects(filter.region, cohort.region) &&
         selects(filter.path, to_text(cohort.path));
}

}  // namespace harness

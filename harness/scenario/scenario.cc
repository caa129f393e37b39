#include "harness/scenario/scenario.h"

#include <tuple>

#include "harness/scenario/names.h"

namespace harness {
namespace {

using SharedTrace = std::shared_ptr<const netem::Trace>;

bool same_rate(const netem::Rate& a, const netem::Rate& b) {
  const auto *left = std::get_if<SharedTrace>(&a), *right = std::get_if<SharedTrace>(&b);
  return left != nullptr && right != nullptr && *left != nullptr && *right != nullptr ? **left == **right : a == b;
}

bool same_direction(const netem::ImpairmentSpec& a, netem::ImpairmentSpec b) {
  if (!same_rate(a.rate, b.rate)) return false;
  b.rate = a.rate;
  return a == b;
}

bool selects(const std::string& wanted, std::string_view value) { return wanted.empty() || wanted == value; }

}  // namespace

std::string reference_stream(std::size_t channel) { return channel == 0 ? "main" : "main-" + std::to_string(channel + 1); }

std::size_t channels_of(const Target& target) {
  if (const auto* reference = std::get_if<ReferenceTarget>(&target)) return reference->channels;
  return 1 + std::get<ExternalTarget>(target).channels.size();
}

bool is_emulation(EngineKind engine) {
  return engine == EngineKind::kHlsJs || engine == EngineKind::kDashJs || engine == EngineKind::kShaka || engine == EngineKind::kMedia3;
}

bool plays(EngineKind engine, StreamingProtocol protocol) {
  if (engine == EngineKind::kHlsJs) return protocol == StreamingProtocol::kHls;
  if (engine == EngineKind::kDashJs) return protocol == StreamingProtocol::kDash;
  return true;
}

const char* to_text(EngineKind engine) { return name_in(kEngineNames, engine); }
const char* to_text(StreamingProtocol protocol) { return name_in(kProtocolNames, protocol); }
const char* to_text(PathKind path) { return name_in(kPathNames, path); }
const char* to_text(DrillKind kind) { return name_in(kDrillNames, kind); }
bool is_of_contribution(const DrillPlan& drill) { return drill.inject != DrillKind::kTokenExpiry; }
bool strikes(const DrillPlan& drill, FeedChoice feed) {
  return is_of_contribution(drill) && (drill.inject == DrillKind::kBothLost || drill.feed == feed);
}
const char* to_text(TraceStart start) { return name_in(kTraceStartNames, start); }
const char* to_text(LinkChoice choice) { return name_in(kLinkChoiceNames, choice); }

bool operator==(const Network& a, const Network& b) {
  return std::tie(a.name, a.trace_start, a.source) == std::tie(b.name, b.trace_start, b.source) &&
         same_direction(a.link.down, b.link.down) && same_direction(a.link.up, b.link.up);
}

bool runs_in_page(EngineKind engine) {
  return engine != EngineKind::kMedia3 && engine != EngineKind::kAvPlayer && engine != EngineKind::kTvNative;
}

bool matches(const CohortFilter& filter, const Cohort& cohort) {
  return selects(filter.device, cohort.device) && selects(filter.network, cohort.network) && selects(filter.region, cohort.region) &&
         selects(filter.path, to_text(cohort.path));
}

}  // namespace harness

#include "harness/scenario/trace_origin.h"

#include "base/random.h"

namespace harness {
namespace {

base::Duration length_of_trace(const netem::Rate& rate) {
  const auto* trace = std::get_if<std::shared_ptr<const netem::Trace>>(&rate);
  return trace == nullptr ? base::Duration{} : netem::length_of(**trace);
}

}  // namespace

base::Instant trace_origin(const Network& network, base::Instant live, base::Instant arrival, std::uint64_t viewer_seed) {
  if (network.trace_start == TraceStart::kRun) return live;
  if (network.trace_start == TraceStart::kSession) return arrival;
  const base::Duration longest = std::max(length_of_trace(network.link.down.rate), length_of_trace(network.link.up.rate));
  const double share = base::Random::stream(viewer_seed, "trace").uniform();
  return arrival - base::Duration{static_cast<std::int64_t>(static_cast<double>(longest.count()) * share)};
}

}  // namespace harness

#include "harness/replay/link_profile.h"

#include <algorithm>
#include <filesystem>
#include <memory>

#include "harness/replay/record_fields.h"

namespace harness {
namespace {

using base::JsonObject;
using namespace base::literals;

constexpr double kFastest = 100'000'000;  // kbit/s
// The queue of the recordings' link where its trace names none: 5 Mbit/s for a round trip, at least 64 full packets.
constexpr base::Bitrate kQueueRate = 5_Mbps;
constexpr base::ByteCount kSmallestQueue = base::ByteCount::bytes(64 * 1500);

base::Bitrate from_kbps(double kbps) { return base::Bitrate::bits_per_second(static_cast<std::int64_t>(kbps * 1000 + 0.5)); }

netem::Trace read_steps(JsonObject& root, const std::string& name) {
  netem::Trace trace{.name = name};
  const std::size_t before = root.problems().size();
  for (JsonObject& step : root.objects("steps")) {
    trace.steps.push_back({.lasts = from_milliseconds(required_number(step, "duration_ms", 0.001, kLongestTime)),
                           .rate = from_kbps(required_number(step, "bandwidth_kbps", 0, kFastest))});
    if (root.problems().size() >= before + kMostProblems) break;
  }
  if (root.problems().size() == before)
    for (const std::string& fault : netem::faults_of(trace)) root.problem("", fault);
  return trace;
}

}  // namespace

netem::LinkSpec read_link(const base::Json& document, const std::string& name, std::vector<base::Problem>& problems) {
  JsonObject root{document, "", problems};
  const base::Duration round_trip = from_milliseconds(required_number(root, "latency_ms", 0, 60'000));
  const auto queue = nullable_integer(root, "queue_bytes", 1500, std::int64_t{1} << 32);
  netem::LinkSpec link;
  link.up.rate = from_kbps(required_number(root, "uplink_kbps", 1, kFastest));
  link.up.delay = round_trip / 2;
  link.down.delay = round_trip - link.up.delay;
  link.down.queue = queue ? base::ByteCount::bytes(*queue) : std::max(kQueueRate * round_trip, kSmallestQueue);
  link.up.queue = link.down.queue;
  link.down.rate = std::make_shared<const netem::Trace>(read_steps(root, name));
  return link;
}

netem::LinkSpec read_link_file(const std::string& file) {
  return read_checked(file, [&](const base::Json& document, std::vector<base::Problem>& problems) {
    return read_link(document, std::filesystem::path{file}.stem().string(), problems);
  });
}

}  // namespace harness

#include "server/library/stream_metrics.h"

namespace server {
namespace {

prometheus::Family<prometheus::Counter>& counters(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}

prometheus::Family<prometheus::Gauge>& gauges(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
}

prometheus::Family<prometheus::Counter>& segment_counters(prometheus::Registry& registry) {
  return counters(registry, "rehearsal_stream_segments_total", "Slots published, with media or as a gap");
}

prometheus::Family<prometheus::Counter>& frame_counters(prometheus::Registry& registry) {
  return counters(registry, "rehearsal_stream_frames_total",
                  "Frames of the grid that were encoded; of these, held: repeats of the last picture; dropped: pictures without a place");
}

}  // namespace

// Registering a family again gives the one that is there.
StreamMetrics::StreamMetrics(prometheus::Registry& registry, const std::string& stream)
    : source_connected{gauges(registry, "rehearsal_source_connected", "1 while the source's pictures arrive"), {{"stream", stream}}},
      source_losses{counters(registry, "rehearsal_source_losses_total", "Times the source went away"), {{"stream", stream}}},
      segments{segment_counters(registry), {{"stream", stream}, {"kind", "media"}}},
      gaps{segment_counters(registry), {{"stream", stream}, {"kind", "gap"}}},
      encode_seconds{counters(registry, "rehearsal_encode_seconds_total", "Time spent on scaling, encoding and packaging"),
                     {{"stream", stream}}},
      contribution_latency{gauges(registry, "rehearsal_contribution_latency_seconds", "From capture to the decoded picture"),
                           {{"stream", stream}}},
      frames_encoded{frame_counters(registry), {{"stream", stream}, {"fate", "encoded"}}},
      frames_held{frame_counters(registry), {{"stream", stream}, {"fate", "held"}}},
      frames_dropped{frame_counters(registry), {{"stream", stream}, {"fate", "dropped"}}} {}

StreamMetrics::~StreamMetrics() = default;

}  // namespace server

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
                  "Frames of the grid that were encoded; of these, held: repeats of the last picture; dropped: pictures without a place; "
                  "late: pictures "
                  "passed over because the encoders were behind");
}

prometheus::Family<prometheus::Counter>& switch_counters(prometheus::Registry& registry) {
  return counters(registry, "rehearsal_source_switches_total", "Times another source, or the slate, was put on air");
}

prometheus::Family<prometheus::Gauge>& on_air_gauges(prometheus::Registry& registry) {
  return gauges(registry, "rehearsal_on_air", "1 for what is on air");
}

prometheus::Labels on_air_labels(const std::string& stream, Feed feed) { return {{"stream", stream}, {"feed", to_text(feed)}}; }

prometheus::Labels switch_labels(const std::string& stream, SwitchReason reason) {
  return {{"stream", stream}, {"reason", to_text(reason)}};
}

// Seconds: around the least and the default time after which a source is left.
const prometheus::Histogram::BucketBoundaries kGapBuckets{0.05, 0.1, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.8, 1, 2, 5, 10, 30};

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
      frames_dropped{frame_counters(registry), {{"stream", stream}, {"fate", "dropped"}}},
      frames_late{frame_counters(registry), {{"stream", stream}, {"fate", "late"}}},
      on_air_{Gauge{on_air_gauges(registry), on_air_labels(stream, Feed::kPrimary)},
              Gauge{on_air_gauges(registry), on_air_labels(stream, Feed::kBackup)},
              Gauge{on_air_gauges(registry), on_air_labels(stream, Feed::kSlate)}},
      switches_{Counter{switch_counters(registry), switch_labels(stream, SwitchReason::kMediaGap)},
                Counter{switch_counters(registry), switch_labels(stream, SwitchReason::kUnfit)},
                Counter{switch_counters(registry), switch_labels(stream, SwitchReason::kRecovered)},
                Counter{switch_counters(registry), switch_labels(stream, SwitchReason::kFailback)},
                Counter{switch_counters(registry), switch_labels(stream, SwitchReason::kManual)},
                Counter{switch_counters(registry), switch_labels(stream, SwitchReason::kPinned)}},
      switch_gap_{prometheus::BuildHistogram()
                      .Name("rehearsal_source_switch_gap_seconds")
                      .Help("From the last picture before a switch to the first one after it, as they were put on air")
                      .Register(registry),
                  {{"stream", stream}},
                  kGapBuckets} {}

StreamMetrics::~StreamMetrics() = default;

void StreamMetrics::note_on_air(Feed feed) {
  for (std::size_t i = 0; i < on_air_.size(); ++i) on_air_[i]->Set(i + 1 == static_cast<std::size_t>(feed) ? 1 : 0);
}

void StreamMetrics::note_switch(const FeedSwitch& made) {
  switches_[static_cast<std::size_t>(made.reason) - 1]->Increment();
  switch_gap_->Observe(base::to_seconds(made.gap));
}

}  // namespace server

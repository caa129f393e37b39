// The figures of one stream in the registry, labelled with its name; they go when the stream goes.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <array>
#include <string>

#include "server/library/metric_entry.h"
#include "server/package/streams.h"

namespace server {

class StreamMetrics {
 public:
  // Requires: `registry` outlives the metrics; the registry holds no other metrics of this name.
  StreamMetrics(prometheus::Registry& registry, const std::string& stream);
  ~StreamMetrics();
  StreamMetrics(const StreamMetrics&) = delete;
  StreamMetrics& operator=(const StreamMetrics&) = delete;

 private:
  using Counter = MetricEntry<prometheus::Counter>;
  using Gauge = MetricEntry<prometheus::Gauge>;
  using Histogram = MetricEntry<prometheus::Histogram>;

 public:
  void note_on_air(Feed feed);
  void note_switch(const FeedSwitch& made);

  Gauge source_connected;  // 1 while pictures arrive
  Counter source_losses;
  Counter segments, gaps;      // published slots
  Counter encode_seconds;      // scaling, encoding and packaging, wall time of the encoder's thread
  Gauge contribution_latency;  // from capture to the decoded picture; where the feed carries a timecode
  Counter frames_encoded, frames_held, frames_dropped, frames_late;

 private:
  std::array<Gauge, 3> on_air_;      // primary, backup, slate: 1 for the one that is
  std::array<Counter, 6> switches_;  // by reason; the first picture is no switch
  Histogram switch_gap_;
};

}  // namespace server

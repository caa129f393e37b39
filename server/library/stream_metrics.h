// The figures of one stream in the registry, labelled with its name; they go when the stream goes.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include <string>

namespace server {

class StreamMetrics {
 public:
  // Requires: `registry` outlives the metrics; the registry holds no other metrics of this name.
  StreamMetrics(prometheus::Registry& registry, const std::string& stream);
  ~StreamMetrics();
  StreamMetrics(const StreamMetrics&) = delete;
  StreamMetrics& operator=(const StreamMetrics&) = delete;

 private:
  template <class Metric>
  struct Entry {
    prometheus::Family<Metric>& family;
    Metric& metric;
    Entry(prometheus::Family<Metric>& in, const prometheus::Labels& labels) : family{in}, metric{in.Add(labels)} {}
    ~Entry() { family.Remove(&metric); }
    Metric* operator->() const { return &metric; }
  };
  using Counter = Entry<prometheus::Counter>;
  using Gauge = Entry<prometheus::Gauge>;

 public:
  Gauge source_connected;  // 1 while pictures arrive
  Counter source_losses;
  Counter segments, gaps;      // published slots
  Counter encode_seconds;      // scaling, encoding and packaging, wall time of the encoder's thread
  Gauge contribution_latency;  // from capture to the decoded picture; where the feed carries a timecode
  Counter frames_encoded, frames_held, frames_dropped;
};

}  // namespace server

// The figures of one source of a stream in the registry: whether it sends, and what its protocol knows of its way.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include <memory>
#include <string>
#include <vector>

#include "server/ingest/health/source_health.h"
#include "server/ingest/publish_points.h"
#include "server/library/metric_entry.h"
#include "server/package/streams.h"

namespace server {

class SourceMetrics {
 public:
  // Requires: `registry` outlives the metrics; it holds no others of this source.
  SourceMetrics(prometheus::Registry& registry, const std::string& stream, Feed source);

  void note(const SourceStatus& status);
  void note(const HealthFigures& figures);
  void note(const LinkStatistics& link);
  void note(const SourceEventCounts& events);

 private:
  using Gauge = MetricEntry<prometheus::Gauge>;
  using Counter = MetricEntry<prometheus::Counter>;
  Gauge sending_, healthy_, bitrate_, rtt_;
  std::vector<std::unique_ptr<Gauge>> impaired_;  // by aspect
  std::vector<std::unique_ptr<Counter>> events_;  // by kind
  Counter continuity_errors_, timestamp_jumps_;
  Counter arrived_, lost_, retransmitted_, dropped_;
  LinkStatistics last_;  // counted
  SourceEventCounts events_counted_{};
  std::uint64_t errors_counted_ = 0, jumps_counted_ = 0;
};

}  // namespace server

// The figures of one source of a stream in the registry: whether it sends, and what its protocol knows of its way.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include <string>

#include "server/ingest/publish_points.h"
#include "server/library/metric_entry.h"
#include "server/package/streams.h"

namespace server {

class SourceMetrics {
 public:
  // Requires: `registry` outlives the metrics; it holds no others of this source.
  SourceMetrics(prometheus::Registry& registry, const std::string& stream, Feed source);

  void note(SourceState state);
  void note(const LinkStatistics& link);

 private:
  MetricEntry<prometheus::Gauge> sending_, rtt_;
  MetricEntry<prometheus::Counter> arrived_, lost_, retransmitted_, dropped_;
  LinkStatistics last_;  // counted
};

}  // namespace server

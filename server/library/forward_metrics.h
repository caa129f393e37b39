// The figures of one destination of a stream in the registry.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include "server/library/metric_entry.h"
#include "server/package/forward.h"

namespace server {

class ForwardMetrics {
 public:
  // Requires: `registry` outlives the metrics; it holds no others of this destination.
  ForwardMetrics(prometheus::Registry& registry, const std::string& stream, const std::string& destination);
  void note(const ForwardStatus& status);

 private:
  using Gauge = MetricEntry<prometheus::Gauge>;
  using Counter = MetricEntry<prometheus::Counter>;
  Gauge sending_;
  Counter bytes_, packets_, dropped_, connects_, failures_;
};

}  // namespace server

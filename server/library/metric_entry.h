// One metric of a family, which goes when its owner goes.
#pragma once

#include <prometheus/family.h>

namespace server {

template <class Metric>
class MetricEntry {
 public:
  template <class... More>
  MetricEntry(prometheus::Family<Metric>& family, const prometheus::Labels& labels, const More&... more)
      : family_{family}, metric_{family.Add(labels, more...)} {}
  ~MetricEntry() { family_.Remove(&metric_); }
  MetricEntry(const MetricEntry&) = delete;
  MetricEntry& operator=(const MetricEntry&) = delete;
  Metric* operator->() const { return &metric_; }
  Metric& operator*() const { return metric_; }

 private:
  prometheus::Family<Metric>& family_;
  Metric& metric_;
};

}  // namespace server

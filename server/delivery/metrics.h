// DeliveryMetrics: the media server's Prometheus series, all created up front so that a request looks no label up. Thread-safe.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <array>
#include <map>
#include <string>

#include "server/delivery/request_handler.h"

namespace server {

class DeliveryMetrics {
 public:
  explicit DeliveryMetrics(prometheus::Registry& registry);
  void request(const Response& response, base::ByteCount sent, base::Duration took);
  // `reason` as in AccessDecision; "" is "allowed".
  void access(const std::string& reason);
  void connections(int by) { connections_->Increment(by); }

 private:
  static constexpr int kStatusClasses = 4;  // 2xx to 5xx
  std::array<std::array<prometheus::Counter*, kStatusClasses>, kResources> requests_{};
  std::array<prometheus::Counter*, kResources> bytes_{};
  std::array<prometheus::Histogram*, kResources> seconds_{};
  std::map<std::string, prometheus::Counter*, std::less<>> decisions_;
  prometheus::Gauge* connections_;
};

// GET /metrics in the text format.
class MetricsPage final : public RequestHandler {
 public:
  explicit MetricsPage(const prometheus::Registry& registry) : registry_{&registry} {}
  Response answer(const Request& request, base::UtcTime now) override;

 private:
  const prometheus::Registry* registry_;
};

}  // namespace server

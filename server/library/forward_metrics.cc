#include "server/library/forward_metrics.h"

namespace server {
namespace {

prometheus::Labels labels_of(const std::string& stream, const std::string& destination) {
  return {{"stream", stream}, {"destination", destination}};
}

prometheus::Labels packet_labels(const std::string& stream, const std::string& destination, const char* fate) {
  return {{"stream", stream}, {"destination", destination}, {"fate", fate}};
}

prometheus::Family<prometheus::Counter>& family(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}

prometheus::Family<prometheus::Counter>& forwarded_packets(prometheus::Registry& registry) {
  return family(registry, "rehearsal_forward_packets_total",
                "Packets of the tracks for a destination: sent, or dropped because it took them too slowly");
}

void raise(prometheus::Counter& counter, std::uint64_t to) { counter.Increment(static_cast<double>(to) - counter.Value()); }

}  // namespace

ForwardMetrics::ForwardMetrics(prometheus::Registry& registry, const std::string& stream, const std::string& destination)
    : sending_{prometheus::BuildGauge()
                   .Name("rehearsal_forward_sending")
                   .Help("1 while a stream is sent to this destination")
                   .Register(registry),
               labels_of(stream, destination)},
      bytes_{family(registry, "rehearsal_forward_bytes_total", "Bytes given to a destination's protocol"), labels_of(stream, destination)},
      packets_{forwarded_packets(registry), packet_labels(stream, destination, "sent")},
      dropped_{forwarded_packets(registry), packet_labels(stream, destination, "dropped")},
      connects_{family(registry, "rehearsal_forward_connects_total", "Connections to a destination that were made"),
                labels_of(stream, destination)},
      failures_{family(registry, "rehearsal_forward_failures_total", "Connections to a destination that failed, at once or later"),
                labels_of(stream, destination)} {}

void ForwardMetrics::note(const ForwardStatus& status) {
  sending_->Set(status.state == ForwardState::kSending ? 1 : 0);
  raise(*bytes_, status.bytes);
  raise(*packets_, status.packets);
  raise(*dropped_, status.dropped);
  raise(*connects_, status.connects);
  raise(*failures_, status.failures);
}

}  // namespace server

#include "server/library/source_metrics.h"

namespace server {
namespace {

prometheus::Labels labels_of(const std::string& stream, Feed source) { return {{"stream", stream}, {"source", to_text(source)}}; }

prometheus::Labels packet_labels(const std::string& stream, Feed source, const char* fate) {
  return {{"stream", stream}, {"source", to_text(source)}, {"fate", fate}};
}

prometheus::Family<prometheus::Counter>& packet_counters(prometheus::Registry& registry) {
  return prometheus::BuildCounter()
      .Name("rehearsal_contribution_packets_total")
      .Help("Packets of a contribution over SRT: arrived; lost: missed at their place; retransmitted: arrived again; dropped: given up")
      .Register(registry);
}

// A smaller figure is of a new connection.
void count(prometheus::Counter& counter, std::uint64_t last, std::uint64_t now) { counter.Increment(static_cast<double>(now < last ? now : now - last)); }

}  // namespace

SourceMetrics::SourceMetrics(prometheus::Registry& registry, const std::string& stream, Feed source)
    : sending_{prometheus::BuildGauge().Name("rehearsal_source_sending").Help("1 while a source's pictures come").Register(registry),
               labels_of(stream, source)},
      rtt_{prometheus::BuildGauge().Name("rehearsal_contribution_rtt_seconds").Help("Round trip of a contribution over SRT").Register(registry),
           labels_of(stream, source)},
      arrived_{packet_counters(registry), packet_labels(stream, source, "arrived")},
      lost_{packet_counters(registry), packet_labels(stream, source, "lost")},
      retransmitted_{packet_counters(registry), packet_labels(stream, source, "retransmitted")},
      dropped_{packet_counters(registry), packet_labels(stream, source, "dropped")} {}

void SourceMetrics::note(SourceState state) { sending_->Set(state == SourceState::kSending ? 1 : 0); }

void SourceMetrics::note(const LinkStatistics& link) {
  rtt_->Set(base::to_seconds(link.rtt));
  count(*arrived_, last_.packets, link.packets);
  count(*lost_, last_.lost, link.lost);
  count(*retransmitted_, last_.retransmitted, link.retransmitted);
  count(*dropped_, last_.dropped, link.dropped);
  last_ = link;
}

}  // namespace server

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
void count(prometheus::Counter& counter, std::uint64_t last, std::uint64_t now) {
  counter.Increment(static_cast<double>(now < last ? now : now - last));
}

}  // namespace

SourceMetrics::SourceMetrics(prometheus::Registry& registry, const std::string& stream, Feed source)
    : sending_{prometheus::BuildGauge().Name("rehearsal_source_sending").Help("1 while a source's pictures come").Register(registry),
               labels_of(stream, source)},
      healthy_{
          prometheus::BuildGauge().Name("rehearsal_source_healthy").Help("1 while no aspect that counts is impaired").Register(registry),
          labels_of(stream, source)},
      bitrate_{prometheus::BuildGauge().Name("rehearsal_source_bits_per_second").Help("Rate of a contribution").Register(registry),
               labels_of(stream, source)},
      rtt_{prometheus::BuildGauge()
               .Name("rehearsal_contribution_rtt_seconds")
               .Help("Round trip of a contribution over SRT")
               .Register(registry),
           labels_of(stream, source)},
      continuity_errors_{prometheus::BuildCounter()
                             .Name("rehearsal_source_continuity_errors_total")
                             .Help("Continuity counters of MPEG-TS that do not follow each other")
                             .Register(registry),
                         labels_of(stream, source)},
      timestamp_jumps_{prometheus::BuildCounter()
                           .Name("rehearsal_source_timestamp_jumps_total")
                           .Help("Jumps of a source's timestamps")
                           .Register(registry),
                       labels_of(stream, source)},
      arrived_{packet_counters(registry), packet_labels(stream, source, "arrived")},
      lost_{packet_counters(registry), packet_labels(stream, source, "lost")},
      retransmitted_{packet_counters(registry), packet_labels(stream, source, "retransmitted")},
      dropped_{packet_counters(registry), packet_labels(stream, source, "dropped")} {
  auto& family = prometheus::BuildGauge()
                     .Name("rehearsal_source_impaired")
                     .Help("1 while this aspect of a source's health is impaired")
                     .Register(registry);
  for (const HealthAspect aspect : kEveryHealthAspect) {
    prometheus::Labels labels = labels_of(stream, source);
    labels["aspect"] = std::string{to_text(aspect)};
    impaired_.push_back(std::make_unique<Gauge>(family, labels));
  }
  auto& events = prometheus::BuildCounter()
                     .Name("rehearsal_source_events_total")
                     .Help("What happened to a source: connected, disconnected, refused, format, unusable, failed")
                     .Register(registry);
  for (const SourceEventKind kind : kEverySourceEvent) {
    prometheus::Labels labels = labels_of(stream, source);
    labels["event"] = to_text(kind);
    events_.push_back(std::make_unique<Counter>(events, labels));
  }
}

void SourceMetrics::note(const SourceStatus& status) {
  sending_->Set(status.state == SourceState::kSending ? 1 : 0);
  healthy_->Set(status.healthy ? 1 : 0);
  for (const auto& gauge : impaired_) (*gauge)->Set(0);
  for (const ImpairedAspect& aspect : status.impaired) (*impaired_[index_of(aspect.aspect)])->Set(1);
}

void SourceMetrics::note(const HealthFigures& figures) {
  bitrate_->Set(static_cast<double>(figures.bitrate.bps()));
  count(*continuity_errors_, errors_counted_, figures.continuity.counter_errors);
  count(*timestamp_jumps_, jumps_counted_, figures.timestamp_jumps);
  errors_counted_ = figures.continuity.counter_errors;
  jumps_counted_ = figures.timestamp_jumps;
}

void SourceMetrics::note(const SourceEventCounts& events) {
  for (std::size_t i = 0; i < events.size(); ++i) count(**events_[i], std::exchange(events_counted_[i], events[i]), events[i]);
}

void SourceMetrics::note(const LinkStatistics& link) {
  rtt_->Set(base::to_seconds(link.rtt));
  count(*arrived_, last_.packets, link.packets);
  count(*lost_, last_.lost, link.lost);
  count(*retransmitted_, last_.retransmitted, link.retransmitted);
  count(*dropped_, last_.dropped, link.dropped);
  last_ = link;
}

}  // namespace server

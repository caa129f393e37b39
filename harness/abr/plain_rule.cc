#include "harness/abr/plain_rule.h"

#include <cmath>

namespace harness::abr {
namespace {

base::Bitrate rate_of(double kbps) { return base::Bitrate::bits_per_second(std::llround(kbps * 1000)); }
base::Duration time_of(double ms) { return base::from_seconds(ms / 1000); }

}  // namespace

PlainRule::PlainRule(const sabre::Film& film, std::unique_ptr<AbrRule> rule) : rule_{std::move(rule)} {
  for (const double kbps : film.kbps) snapshot_.ladder.push_back(rate_of(kbps));
  snapshot_.segment_duration = time_of(film.segment_ms);
  snapshot_.buffer_target = time_of(film.buffer_ms);
}

sabre::Choice PlainRule::choose(const sabre::Situation& situation) {
  snapshot_.estimate = rate_of(situation.kbps);
  snapshot_.buffer = time_of(situation.level_ms);
  snapshot_.segment = situation.segment;
  snapshot_.segments_left = situation.segments_left;
  snapshot_.current = rule_->choose(snapshot_);
  return {.rendition = snapshot_.current, .delay_ms = base::to_milliseconds(rule_->hold())};
}

void PlainRule::waited(double ms) { rule_->waited(time_of(ms)); }

void PlainRule::ended(const sabre::Download& download, double level_ms) {
  rule_->received({.rendition = download.rendition,
                   .size = base::ByteCount::bytes(std::llround(download.bits_here / 8)),
                   .took = time_of(download.ms),
                   .to_first_byte = time_of(download.latency_ms),
                   .buffer = time_of(level_ms) - snapshot_.segment_duration,
                   .segment_duration = snapshot_.segment_duration});
}

}  // namespace harness::abr

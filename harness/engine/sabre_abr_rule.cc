#include "harness/engine/sabre_abr_rule.h"

#include <algorithm>

namespace harness {
namespace {

double positive_kbps(base::Bitrate rate) { return static_cast<double>(std::max<std::int64_t>(rate.bps(), 1)) / 1000; }

}  // namespace

// Segments may differ in duration and the target may move: rules look at the film as it is now.
void SabreAbrRule::learn(const AbrSnapshot& snapshot) {
  film_.segment_ms = base::to_milliseconds(snapshot.segment_duration);
  film_.buffer_ms = base::to_milliseconds(snapshot.buffer_target);
  const auto same = [](double kbps, base::Bitrate rate) { return kbps == positive_kbps(rate); };
  if (rule_ && std::ranges::equal(film_.kbps, snapshot.ladder, same)) return;
  rule_.reset();
  film_.kbps.clear();
  for (const base::Bitrate rate : snapshot.ladder) film_.kbps.push_back(positive_kbps(rate));
  rule_ = make_(film_);
}

std::size_t SabreAbrRule::choose(const AbrSnapshot& snapshot) {
  hold_ = {};
  if (snapshot.first_choice) return 0;
  learn(snapshot);
  const sabre::Choice choice = rule_->choose({.level_ms = base::to_milliseconds(snapshot.buffer),
                                              .kbps = positive_kbps(snapshot.estimate),
                                              .latency_ms = base::to_milliseconds(latency_.estimate()),
                                              .segment = snapshot.segment,
                                              .segments_left = snapshot.segments_left.value_or(snapshot.segment)});
  hold_ = base::from_seconds(choice.delay_ms / 1000);
  return choice.rendition;
}

void SabreAbrRule::waited(base::Duration time) {
  if (rule_) rule_->waited(base::to_milliseconds(time));
}

void SabreAbrRule::received(const AbrReport& report) {
  latency_.add(report.to_first_byte, report.segment_duration);
  if (!rule_) return;
  const double bits = static_cast<double>(report.size.count()) * 8;
  rule_->ended({.rendition = report.rendition,
                .bits = bits,
                .bits_here = bits,
                .ms = base::to_milliseconds(report.took),
                .latency_ms = base::to_milliseconds(report.to_first_byte)},
               base::to_milliseconds(report.buffer + report.segment_duration));
}

}  // namespace harness

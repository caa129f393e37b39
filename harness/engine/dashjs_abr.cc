#include "harness/engine/dashjs_abr.h"

#include "harness/engine/ladder_change.h"

namespace harness::dashjs {
namespace {

using namespace std::chrono_literals;

constexpr double kStallThreshold = 0.3;          // stallThreshold, Settings.js; seconds
constexpr double kUseBolaFrom = 12;              // hybridSwitchBufferTime, seconds; half of it on the way back
constexpr base::Duration kAbandonTimeout = 10s;  // abandonLoadTimeout
constexpr std::int64_t kHeaderBytes = 300;       // that transferSize counts for headers (Resource Timing, 4.3)

}  // namespace

// checkPlaybackQuality.
bool Abr::changes(const Moment& moment) {
  on_level(moment);
  const auto wanted = decide(moment);
  if (!wanted) return false;
  switch_history_.on_decision(current_, *wanted);
  if (*wanted == current_ || (*wanted > current_ && !may_rise(moment.now))) return false;
  current_ = static_cast<std::uint32_t>(*wanted);
  bola_.on_quality_change(current_);
  return true;
}

std::optional<std::size_t> Abr::decide(const Moment& moment) {
  std::optional<std::size_t> lowest = uses_bola_ ? by_buffer(moment) : by_throughput(moment);
  const auto take = [&](std::optional<std::size_t> rendition) {
    if (rendition && (!lowest || *rendition < *lowest)) lowest = rendition;
  };
  take(insufficient_buffer_.limit(
      moment.ladder,
      {.average_kbps = throughput_.average(), .buffer_s = moment.level_s, .segment_s = moment.segment_s, .empty = is_empty_}));
  take(switch_history_.limit(moment.ladder.size()));
  return lowest;
}

// ThroughputRule.js.
std::optional<std::size_t> Abr::by_throughput(const Moment& moment) {
  const auto safe = throughput_.safe();
  if (!safe || !may_rise(moment.now) || (is_empty_ && !moment.live)) return std::nullopt;
  delay_ = {};
  return optimal(moment.ladder, *safe);
}

std::optional<std::size_t> Abr::by_buffer(const Moment& moment) {
  delay_ = {};
  std::optional<std::size_t> affordable;
  if (const auto safe = throughput_.safe()) affordable = optimal(moment.ladder, *safe);
  const auto choice = bola_.choose(
      moment.ladder, {.now = moment.now, .level_s = moment.level_s, .buffer_time_s = moment.buffer_time_s, .affordable = affordable});
  if (!choice) return std::nullopt;
  delay_ = base::Duration{static_cast<std::int64_t>(choice->delay_s * 1e9)};
  return choice->rendition;
}

// Whatever is made of a level whenever it is measured.
void Abr::on_level(const Moment& moment) {
  const bool empty = moment.level_s <= kStallThreshold && moment.begun;
  if (empty && !is_empty_) bola_.on_buffer_empty();
  is_empty_ = empty;
  uses_bola_ = moment.level_s >= (uses_bola_ ? kUseBolaFrom / 2 : kUseBolaFrom);
}

bool Abr::on_progress(const Download& download, const Moment& moment) {
  const auto target = abandon_.on_progress(download, moment.ladder, moment.level_s, moment.buffer_time_s);
  if (target) abandon_to_ = static_cast<std::uint32_t>(*target);
  return target.has_value();
}

// What came of it counts by its progress events: the browser has no entry for it yet, but has one the next time.
void Abr::on_abort(const Download& download, const Moment& moment) {
  blocked_until_ = moment.now + kAbandonTimeout;
  switch_history_.reset();
  current_ = abandon_to_;
  bola_.on_quality_change(current_);
  bola_.on_abandon(moment.level_s);
  throughput_.add(abandon_.measured());
  if (!download.first_byte) return;
  times_.first(download.rendition, download.start, {base::ByteCount::bytes(kHeaderBytes), download.latest - *download.first_byte});
}

void Abr::on_segment(const Download& download, const Moment& before_it) {
  on_level(before_it);
  if (download.first_byte) {
    const base::ByteCount bytes = download.received + base::ByteCount::bytes(kHeaderBytes);
    const Transfer latest{bytes, download.latest - *download.first_byte};
    const auto measured = download.cached ? times_.find(download.rendition, download.start)
                                          : std::optional{times_.first(download.rendition, download.start, latest)};
    if (measured) throughput_.add(*measured);
  }
  bola_.on_segment({.rendition = download.rendition,
                    .start = download.start,
                    .duration = download.duration,
                    .asked = download.asked,
                    .finished = download.latest},
                   before_it.level_s);
  insufficient_buffer_.on_append();
}

// BOLA begins anew with the manifest.
void Abr::on_ladder(const LadderChange& change) {
  current_ = static_cast<std::uint32_t>(change.nearest(current_));
  abandon_to_ = static_cast<std::uint32_t>(change.nearest(abandon_to_));
  times_.on_ladder(change);
  switch_history_.on_ladder(change);
}

void Abr::on_seek() {
  bola_.on_seek();
  insufficient_buffer_.on_seek();
}

}  // namespace harness::dashjs

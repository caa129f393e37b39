// TraceSchedule: when bytes are through along a repeating trace, for RateSchedule only. Pure.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "base/time.h"
#include "base/units.h"
#include "netem/model/trace_index.h"
#include "netem/model/wide.h"

namespace netem {

class TraceSchedule {
 public:
  TraceSchedule(std::shared_ptr<const TraceIndex> index, base::Instant origin) : index_{std::move(index)}, origin_{origin} {}

  base::Instant finish(base::Instant start, base::ByteCount size) {
    if (size == base::ByteCount{}) return start;
    Position end = start == last_ ? exact_ : position_of(start);
    end.units += units_of(size);
    if (end.units > index_->units()) {
      const Wide repetitions = divide(end.units - 1, index_->units()).quotient;
      end = {end.repetition + static_cast<std::int64_t>(repetitions), end.units - repetitions * index_->units()};
    }
    near_ = index_->at_units(end.units, near_);
    const Wide passed = divide(end.units - near_.units, index_->step(near_.step).rate.bps()).quotient;
    exact_ = end;
    return last_ = begin_of(end.repetition) + near_.time + base::Duration{static_cast<std::int64_t>(passed)};
  }
  base::ByteCount waiting(base::Instant now) const {
    return now >= last_ ? base::ByteCount{} : begun_bytes(between(position_of(now), exact_));
  }
  base::ByteCount capacity(base::Instant from, base::Instant to) const { return whole_bytes(between(position_of(from), position_of(to))); }
  const std::shared_ptr<const TraceIndex>& index() const { return index_; }
  const TraceStep& step_at(base::Instant at) const {
    locate(at);
    return index_->step(near_.step);
  }

  std::optional<base::Instant> next_change(base::Instant at) const {
    locate(at);
    const TraceStep& before = index_->step(near_.step);
    std::size_t next = near_.step;
    base::Instant begin = begin_of(near_repetition_) + near_.time;
    for (std::size_t i = 0; i < index_->steps(); ++i) {
      begin += index_->step(next).lasts;
      if (++next == index_->steps()) next = 0;
      const TraceStep& step = index_->step(next);
      if (step.rate != before.rate || step.rtt != before.rtt) return begin;
    }
    return std::nullopt;
  }

 private:
  // A point on the schedule, as capacity from the begin of a repetition; exact where an instant is rounded down.
  struct Position {
    std::int64_t repetition = 0;  // below zero before the origin
    Wide units = 0;
  };

  base::Instant begin_of(std::int64_t repetition) const { return origin_ + repetition * index_->length(); }

  // Returns: the time since the begin of the repetition that holds `at`.
  base::Duration locate(base::Instant at) const {
    base::Duration phase = at - begin_of(near_repetition_);
    if (phase < base::Duration::zero() || phase >= index_->length()) {
      near_repetition_ += phase / index_->length();
      phase %= index_->length();
      if (phase < base::Duration::zero()) {
        phase += index_->length();
        --near_repetition_;
      }
    }
    near_ = index_->at_time(phase, near_);
    return phase;
  }
  Position position_of(base::Instant at) const {
    const base::Duration phase = locate(at);
    return {near_repetition_, near_.units + static_cast<Wide>(index_->step(near_.step).rate.bps()) * (phase - near_.time).count()};
  }

  Wide between(const Position& from, const Position& to) const {
    return (to.repetition - from.repetition) * index_->units() + to.units - from.units;
  }

  std::shared_ptr<const TraceIndex> index_;
  base::Instant origin_;
  base::Instant last_ = base::Instant::min();  // returned by the last finish(), and the same unrounded:
  Position exact_;
  // Where the last search ended: the next one mostly ends close by.
  mutable TraceIndex::Place near_;
  mutable std::int64_t near_repetition_ = 0;
};

}  // namespace netem

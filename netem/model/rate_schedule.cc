#include "netem/model/rate_schedule.h"

#include <algorithm>

#include "base/ensure.h"
#include "netem/model/trace_index.h"
#include "netem/model/wide.h"

namespace netem {
namespace {

using base::Bitrate;
using base::ByteCount;
using base::Duration;
using base::Instant;

Wide units_of(ByteCount size) { return static_cast<Wide>(size.count()) * kUnitsPerByte; }

ByteCount whole_bytes(Wide units) { return ByteCount::bytes(static_cast<std::int64_t>(divide(units, kUnitsPerByte).quotient)); }
ByteCount begun_bytes(Wide units) { return whole_bytes(units + (kUnitsPerByte - 1)); }

class ConstantSchedule {
 public:
  explicit ConstantSchedule(Bitrate rate) : rate_{rate.bps()} { ENSURE(rate_ > 0); }

  Instant finish(Instant start, ByteCount size) {
    const auto [passed, rest] = divide(units_of(size) + (start == last_ ? rest_ : 0), rate_);
    rest_ = rest;
    return last_ = start + Duration{static_cast<std::int64_t>(passed)};
  }
  ByteCount waiting(Instant now) const { return now >= last_ ? ByteCount{} : begun_bytes(units_between(now, last_) + rest_); }
  ByteCount capacity(Instant from, Instant to) const { return whole_bytes(units_between(from, to)); }
  Bitrate rate() const { return Bitrate::bits_per_second(rate_); }

 private:
  Wide units_between(Instant from, Instant to) const { return static_cast<Wide>((to - from).count()) * rate_; }

  std::int64_t rate_;
  Instant last_ = Instant::min();  // returned by the last finish()
  Wide rest_ = 0;                  // sent after last_, less than a nanosecond's worth
};

class TraceSchedule {
 public:
  TraceSchedule(std::shared_ptr<const Trace> trace, Instant origin) : index_{std::move(trace)}, origin_{origin} {}

  Instant finish(Instant start, ByteCount size) {
    if (size == ByteCount{}) return start;
    Position end = start == last_ ? exact_ : position_of(start).position;
    end.units += units_of(size);
    if (end.units > index_.units()) {
      const Wide repetitions = divide(end.units - 1, index_.units()).quotient;
      end = {end.repetition + static_cast<std::int64_t>(repetitions), end.units - repetitions * index_.units()};
    }
    near_ = index_.at_units(end.units, near_);
    const Wide passed = divide(end.units - near_.units, index_.step(near_).rate.bps()).quotient;
    exact_ = end;
    return last_ = begin_of(end.repetition) + near_.time + Duration{static_cast<std::int64_t>(passed)};
  }
  ByteCount waiting(Instant now) const { return now >= last_ ? ByteCount{} : begun_bytes(between(position_of(now).position, exact_)); }
  ByteCount capacity(Instant from, Instant to) const { return whole_bytes(between(position_of(from).position, position_of(to).position)); }
  const TraceStep& step_at(Instant at) const { return index_.step(position_of(at).place); }

  std::optional<Instant> next_change(Instant at) const {
    const auto [position, here] = position_of(at);
    const TraceStep& before = index_.step(here);
    TraceIndex::Place place = here;
    Instant repetition = begin_of(position.repetition);
    for (std::size_t i = 0; i < index_.steps(); ++i) {
      place = index_.after(place);
      if (place.step == index_.steps()) {
        place = {};
        repetition += index_.length();
      }
      const TraceStep& step = index_.step(place);
      if (step.rate != before.rate || step.rtt != before.rtt) return repetition + place.time;
    }
    return std::nullopt;
  }

 private:
  // A point on the schedule, as capacity from the begin of a repetition; exact where an instant is rounded down.
  struct Position {
    std::int64_t repetition = 0;  // below zero before the origin
    Wide units = 0;
  };
  struct Located {
    Position position;
    TraceIndex::Place place;
  };

  Instant begin_of(std::int64_t repetition) const { return origin_ + repetition * index_.length(); }

  Located position_of(Instant at) const {
    const Duration since = at - origin_;
    std::int64_t repetition = since / index_.length();
    Duration phase = since % index_.length();
    if (phase < Duration::zero()) {
      phase += index_.length();
      --repetition;
    }
    const TraceIndex::Place place = index_.at_time(phase, near_);
    const Wide units = place.units + static_cast<Wide>(index_.step(place).rate.bps()) * (phase - place.time).count();
    return {{repetition, units}, place};
  }

  Wide between(const Position& from, const Position& to) const {
    return (to.repetition - from.repetition) * index_.units() + to.units - from.units;
  }

  TraceIndex index_;
  Instant origin_;
  Instant last_ = Instant::min();  // returned by the last finish(), and the same unrounded:
  Position exact_;
  TraceIndex::Place near_;  // where it lies
};

}  // namespace

class RateSchedule::Impl {
 public:
  Impl(const Rate& rate, Instant origin) {
    if (const auto* constant = std::get_if<Bitrate>(&rate)) constant_.emplace(*constant);
    if (const auto* trace = std::get_if<std::shared_ptr<const Trace>>(&rate)) trace_.emplace(*trace, origin);
  }
  std::optional<ConstantSchedule> constant_;
  std::optional<TraceSchedule> trace_;
};

RateSchedule::RateSchedule(const Rate& rate, Instant origin) : impl_{std::make_unique<Impl>(rate, origin)} {}
RateSchedule::~RateSchedule() = default;
RateSchedule::RateSchedule(RateSchedule&&) noexcept = default;
RateSchedule& RateSchedule::operator=(RateSchedule&&) noexcept = default;

bool RateSchedule::is_unlimited() const { return !impl_->constant_ && !impl_->trace_; }

Instant RateSchedule::finish(Instant start, ByteCount size) {
  if (impl_->constant_) return impl_->constant_->finish(start, size);
  return impl_->trace_ ? impl_->trace_->finish(start, size) : start;
}

std::optional<Bitrate> RateSchedule::rate_at(Instant at) const {
  if (impl_->constant_) return impl_->constant_->rate();
  return impl_->trace_ ? std::optional{impl_->trace_->step_at(at).rate} : std::nullopt;
}

std::optional<Duration> RateSchedule::rtt_at(Instant at) const { return impl_->trace_ ? impl_->trace_->step_at(at).rtt : std::nullopt; }

std::optional<Instant> RateSchedule::next_change(Instant at) const { return impl_->trace_ ? impl_->trace_->next_change(at) : std::nullopt; }

ByteCount RateSchedule::waiting(Instant now) const {
  if (impl_->constant_) return impl_->constant_->waiting(now);
  return impl_->trace_ ? impl_->trace_->waiting(now) : ByteCount{};
}

ByteCount RateSchedule::capacity(Instant from, Instant to) const {
  ENSURE(!is_unlimited() && from <= to);
  return impl_->constant_ ? impl_->constant_->capacity(from, to) : impl_->trace_->capacity(from, to);
}

}  // namespace netem

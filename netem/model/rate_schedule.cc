#include "netem/model/rate_schedule.h"

#include <algorithm>
#include <variant>

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
  TraceSchedule(std::shared_ptr<const TraceIndex> index, Instant origin) : index_{std::move(index)}, origin_{origin} {}

  Instant finish(Instant start, ByteCount size) {
    if (size == ByteCount{}) return start;
    Position end = start == last_ ? exact_ : position_of(start);
    end.units += units_of(size);
    if (end.units > index_->units()) {
      const Wide repetitions = divide(end.units - 1, index_->units()).quotient;
      end = {end.repetition + static_cast<std::int64_t>(repetitions), end.units - repetitions * index_->units()};
    }
    near_ = index_->at_units(end.units, near_);
    const Wide passed = divide(end.units - near_.units, index_->step(near_.step).rate.bps()).quotient;
    exact_ = end;
    return last_ = begin_of(end.repetition) + near_.time + Duration{static_cast<std::int64_t>(passed)};
  }
  ByteCount waiting(Instant now) const { return now >= last_ ? ByteCount{} : begun_bytes(between(position_of(now), exact_)); }
  ByteCount capacity(Instant from, Instant to) const { return whole_bytes(between(position_of(from), position_of(to))); }
  const std::shared_ptr<const TraceIndex>& index() const { return index_; }
  const TraceStep& step_at(Instant at) const {
    locate(at);
    return index_->step(near_.step);
  }

  std::optional<Instant> next_change(Instant at) const {
    locate(at);
    const TraceStep& before = index_->step(near_.step);
    std::size_t next = near_.step;
    Instant begin = begin_of(near_repetition_) + near_.time;
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

  Instant begin_of(std::int64_t repetition) const { return origin_ + repetition * index_->length(); }

  // Returns: the time since the begin of the repetition that holds `at`.
  Duration locate(Instant at) const {
    Duration phase = at - begin_of(near_repetition_);
    if (phase < Duration::zero() || phase >= index_->length()) {
      near_repetition_ += phase / index_->length();
      phase %= index_->length();
      if (phase < Duration::zero()) {
        phase += index_->length();
        --near_repetition_;
      }
    }
    near_ = index_->at_time(phase, near_);
    return phase;
  }
  Position position_of(Instant at) const {
    const Duration phase = locate(at);
    return {near_repetition_, near_.units + static_cast<Wide>(index_->step(near_.step).rate.bps()) * (phase - near_.time).count()};
  }

  Wide between(const Position& from, const Position& to) const {
    return (to.repetition - from.repetition) * index_->units() + to.units - from.units;
  }

  std::shared_ptr<const TraceIndex> index_;
  Instant origin_;
  Instant last_ = Instant::min();  // returned by the last finish(), and the same unrounded:
  Position exact_;
  // Where the last search ended: the next one mostly ends close by.
  mutable TraceIndex::Place near_;
  mutable std::int64_t near_repetition_ = 0;
};

}  // namespace

// Unlimited, constant, or along a trace.
class RateSchedule::Impl {
 public:
  using Schedule = std::variant<std::monostate, ConstantSchedule, TraceSchedule>;
  explicit Impl(Schedule schedule) : schedule_{std::move(schedule)} {}
  static std::unique_ptr<Impl> make(const Rate& rate, Instant origin) {
    if (const auto* constant = std::get_if<Bitrate>(&rate)) return std::make_unique<Impl>(ConstantSchedule{*constant});
    if (const auto* trace = std::get_if<std::shared_ptr<const Trace>>(&rate))
      return std::make_unique<Impl>(TraceSchedule{std::make_shared<const TraceIndex>(*trace), origin});
    return std::make_unique<Impl>(Schedule{});
  }
  std::unique_ptr<Impl> anew(Instant origin) const {
    if (const auto* trace = as_trace()) return std::make_unique<Impl>(TraceSchedule{trace->index(), origin});
    if (const auto* constant = as_constant()) return std::make_unique<Impl>(ConstantSchedule{constant->rate()});
    return std::make_unique<Impl>(Schedule{});
  }
  ConstantSchedule* as_constant() { return std::get_if<ConstantSchedule>(&schedule_); }
  TraceSchedule* as_trace() { return std::get_if<TraceSchedule>(&schedule_); }
  const ConstantSchedule* as_constant() const { return std::get_if<ConstantSchedule>(&schedule_); }
  const TraceSchedule* as_trace() const { return std::get_if<TraceSchedule>(&schedule_); }

 private:
  Schedule schedule_;
};

RateSchedule::RateSchedule(const Rate& rate, Instant origin) : impl_{Impl::make(rate, origin)} {}
RateSchedule::RateSchedule(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}
RateSchedule::~RateSchedule() = default;
RateSchedule::RateSchedule(RateSchedule&&) noexcept = default;
RateSchedule& RateSchedule::operator=(RateSchedule&&) noexcept = default;

RateSchedule RateSchedule::anew(Instant origin) const { return RateSchedule{impl_->anew(origin)}; }

bool RateSchedule::is_unlimited() const { return impl_->as_constant() == nullptr && impl_->as_trace() == nullptr; }

Instant RateSchedule::finish(Instant start, ByteCount size) {
  if (auto* constant = impl_->as_constant()) return constant->finish(start, size);
  auto* trace = impl_->as_trace();
  return trace != nullptr ? trace->finish(start, size) : start;
}

std::optional<Bitrate> RateSchedule::rate_at(Instant at) const {
  if (const auto* constant = impl_->as_constant()) return constant->rate();
  const auto* trace = impl_->as_trace();
  return trace != nullptr ? std::optional{trace->step_at(at).rate} : std::nullopt;
}

std::optional<Duration> RateSchedule::rtt_at(Instant at) const {
  const auto* trace = impl_->as_trace();
  return trace != nullptr ? trace->step_at(at).rtt : std::nullopt;
}

std::optional<Instant> RateSchedule::next_change(Instant at) const {
  const auto* trace = impl_->as_trace();
  return trace != nullptr ? trace->next_change(at) : std::nullopt;
}

RateSchedule::Stretch RateSchedule::stretch_at(Instant at) const {
  if (const auto* constant = impl_->as_constant()) return {.rate = constant->rate()};
  const auto* trace = impl_->as_trace();
  if (trace == nullptr) return {};
  const TraceStep& step = trace->step_at(at);
  return {.rate = step.rate, .rtt = step.rtt, .until = trace->next_change(at).value_or(Instant::max())};
}

ByteCount RateSchedule::waiting(Instant now) const {
  if (const auto* constant = impl_->as_constant()) return constant->waiting(now);
  const auto* trace = impl_->as_trace();
  return trace != nullptr ? trace->waiting(now) : ByteCount{};
}

ByteCount RateSchedule::capacity(Instant from, Instant to) const {
  ENSURE(!is_unlimited() && from <= to);
  const auto* constant = impl_->as_constant();
  return constant != nullptr ? constant->capacity(from, to) : impl_->as_trace()->capacity(from, to);
}

}  // namespace netem

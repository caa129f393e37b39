#include "netem/model/rate_schedule.h"

#include "base/ensure.h"
#include "netem/model/trace_schedule.h"

namespace netem {

using base::Bitrate;
using base::ByteCount;
using base::Duration;
using base::Instant;

RateSchedule::Schedule RateSchedule::make(const Rate& rate, Instant origin) {
  if (const auto* constant = std::get_if<Bitrate>(&rate)) return ConstantSchedule{*constant};
  if (const auto* trace = std::get_if<std::shared_ptr<const Trace>>(&rate))
    return std::make_unique<TraceSchedule>(std::make_shared<const TraceIndex>(*trace), origin);
  return {};
}

RateSchedule::RateSchedule(const Rate& rate, Instant origin) : schedule_{make(rate, origin)} {}
RateSchedule::RateSchedule(Schedule schedule) : schedule_{std::move(schedule)} {}
RateSchedule::~RateSchedule() = default;
RateSchedule::RateSchedule(RateSchedule&&) noexcept = default;
RateSchedule& RateSchedule::operator=(RateSchedule&&) noexcept = default;

RateSchedule RateSchedule::anew(Instant origin) const {
  if (const auto* trace = as_trace()) return RateSchedule{std::make_unique<TraceSchedule>(trace->index(), origin)};
  if (const auto* constant = as_constant()) return RateSchedule{ConstantSchedule{constant->rate()}};
  return RateSchedule{Schedule{}};
}

bool RateSchedule::is_unlimited() const { return std::holds_alternative<std::monostate>(schedule_); }

const TraceSchedule* RateSchedule::as_trace() const {
  const auto* trace = std::get_if<std::unique_ptr<TraceSchedule>>(&schedule_);
  return trace != nullptr ? trace->get() : nullptr;
}

Instant RateSchedule::finish(Instant start, ByteCount size) {
  if (auto* constant = std::get_if<ConstantSchedule>(&schedule_)) return constant->finish(start, size);
  auto* trace = std::get_if<std::unique_ptr<TraceSchedule>>(&schedule_);
  return trace != nullptr ? (*trace)->finish(start, size) : start;
}

std::optional<Bitrate> RateSchedule::rate_at(Instant at) const {
  if (const auto* constant = as_constant()) return constant->rate();
  const auto* trace = as_trace();
  return trace != nullptr ? std::optional{trace->step_at(at).rate} : std::nullopt;
}

std::optional<Duration> RateSchedule::rtt_at(Instant at) const {
  const auto* trace = as_trace();
  return trace != nullptr ? trace->step_at(at).rtt : std::nullopt;
}

std::optional<Instant> RateSchedule::next_change(Instant at) const {
  const auto* trace = as_trace();
  return trace != nullptr ? trace->next_change(at) : std::nullopt;
}

RateSchedule::Stretch RateSchedule::stretch_at(Instant at) const {
  if (const auto* constant = as_constant()) return {.rate = constant->rate()};
  const auto* trace = as_trace();
  if (trace == nullptr) return {};
  const TraceStep& step = trace->step_at(at);
  return {.rate = step.rate, .rtt = step.rtt, .until = trace->next_change(at).value_or(Instant::max())};
}

ByteCount RateSchedule::waiting(Instant now) const {
  if (const auto* constant = as_constant()) return constant->waiting(now);
  const auto* trace = as_trace();
  return trace != nullptr ? trace->waiting(now) : ByteCount{};
}

ByteCount RateSchedule::capacity(Instant from, Instant to) const {
  ENSURE(!is_unlimited() && from <= to);
  const auto* constant = as_constant();
  return constant != nullptr ? constant->capacity(from, to) : as_trace()->capacity(from, to);
}

}  // namespace netem

// RateSchedule: when bytes are through, on a constant rate or along a repeating trace. Exact (integers; nothing is rounded away over
// any number of packets) and O(log steps). Pure.
#pragma once

#include <memory>
#include <optional>
#include <variant>

#include "netem/model/constant_schedule.h"
#include "netem/model/impairment.h"

namespace netem {

class TraceSchedule;

class RateSchedule {
 public:
  // `origin`: the instant at which a trace begins; before it the trace has run backwards from its end, as it repeats.
  RateSchedule(const Rate& rate, base::Instant origin);
  ~RateSchedule();
  RateSchedule(RateSchedule&&) noexcept;
  RateSchedule& operator=(RateSchedule&&) noexcept;

  // The same rate from another origin, as if nothing had been sent. The two share what is known of a trace.
  RateSchedule anew(base::Instant origin) const;

  bool is_unlimited() const;
  // When `size`, whose transmission starts at `start`, is through. Sub-nanosecond rests are carried over when `start` is the instant
  // that the previous call returned, so that back-to-back packets keep the exact rate.
  base::Instant finish(base::Instant start, base::ByteCount size);
  // Of the step that holds `at`; nothing when unlimited.
  std::optional<base::Bitrate> rate_at(base::Instant at) const;
  // Of the step that holds `at`, when its trace gives one.
  std::optional<base::Duration> rtt_at(base::Instant at) const;
  // The next instant after `at` at which the rate or the round trip changes; nothing for a constant.
  std::optional<base::Instant> next_change(base::Instant at) const;
  // The three of them at once.
  struct Stretch {
    std::optional<base::Bitrate> rate{};
    std::optional<base::Duration> rtt{};
    base::Instant until = base::Instant::max();  // a constant's: never
  };
  Stretch stretch_at(base::Instant at) const;
  // What finish() was given and is not through at `now`, begun bytes included. Zero when unlimited.
  base::ByteCount waiting(base::Instant now) const;
  // What could have been sent between the two. Requires: not unlimited, from <= to.
  base::ByteCount capacity(base::Instant from, base::Instant to) const;

 private:
  using Schedule = std::variant<std::monostate, ConstantSchedule, std::unique_ptr<TraceSchedule>>;  // unlimited, constant, or along a trace
  static Schedule make(const Rate& rate, base::Instant origin);
  explicit RateSchedule(Schedule schedule);
  const ConstantSchedule* as_constant() const { return std::get_if<ConstantSchedule>(&schedule_); }
  const TraceSchedule* as_trace() const;
  Schedule schedule_;
};

}  // namespace netem

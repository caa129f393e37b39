// TraceIndex: finds the step of a trace that holds a time or a cumulated capacity, in O(log steps). Keeps one place in 16, so that
// thousands of links on one long trace share the steps and own little. Immutable. Used by RateSchedule only.
#pragma once

#include <algorithm>
#include <iterator>
#include <memory>
#include <vector>

#include "netem/model/trace.h"
#include "netem/model/wide.h"

namespace netem {

class TraceIndex {
 public:
  // The begin of a step within one repetition: what time and how much capacity lie before it.
  struct Place {
    std::size_t step = 0;
    base::Duration time{};
    Wide units = 0;
  };

  // Requires: faults_of(*trace) is empty.
  explicit TraceIndex(std::shared_ptr<const Trace> trace);

  // The step that holds `phase`. Requires: 0 <= phase < length(). `near`: any place; one close by saves the search.
  Place at_time(base::Duration phase, const Place& near) const {
    return seek(near, [phase](const Place& place) { return place.time <= phase; });
  }
  // The step during which the capacity reaches `units`. Requires: 0 < units <= units().
  Place at_units(Wide units, const Place& near) const {
    return seek(near, [units](const Place& place) { return place.units < units; });
  }
  const TraceStep& step(std::size_t number) const { return trace_->steps[number]; }
  std::size_t steps() const { return trace_->steps.size(); }
  base::Duration length() const { return end_.time; }
  Wide units() const { return end_.units; }
  // The begin of the step after it; steps() stands for the end of the trace.
  Place after(const Place& place) const {
    const TraceStep& here = step(place.step);
    return {place.step + 1, place.time + here.lasts, place.units + static_cast<Wide>(here.rate.bps()) * here.lasts.count()};
  }

 private:
  static constexpr std::size_t kStride = 16;
  // The last place for which `begins_before` holds; it holds up to some place and for none behind it.
  template <class Predicate>
  Place seek(const Place& near, Predicate begins_before) const {
    const std::size_t next = near.step / kStride + 1;
    const bool close = begins_before(near) && (next >= marks_.size() || !begins_before(marks_[next]));
    Place place = close ? near : *std::prev(std::partition_point(marks_.begin() + 1, marks_.end(), begins_before));
    for (Place following = after(place); following.step < steps() && begins_before(following); following = after(place)) place = following;
    return place;
  }

  std::shared_ptr<const Trace> trace_;
  std::vector<Place> marks_;
  Place end_;
};

}  // namespace netem

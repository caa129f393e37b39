#include "netem/model/trace_index.h"

#include "base/ensure.h"

namespace netem {

TraceIndex::TraceIndex(std::shared_ptr<const Trace> trace) : trace_{std::move(trace)} {
  ENSURE(trace_ != nullptr && !trace_->steps.empty());
  for (Place place; place.step <= steps(); place = after(place)) {
    end_ = place;
    if (place.step == steps()) break;
    if (place.step % kStride == 0) marks_.push_back(place);
  }
  ENSURE(end_.time > base::Duration::zero() && end_.units > 0);
}

}  // namespace netem

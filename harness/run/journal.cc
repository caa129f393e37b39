#include "harness/run/journal.h"

#include "base/ensure.h"

namespace harness {

void Journal::live_begins(base::Instant at) {
  live_since_ = at;
  for (Held& one : held_) {
    one.row.at = seconds(one.at);
    store_.add(std::move(one.row));
  }
  held_.clear();
}

double Journal::seconds(base::Instant at) const {
  ENSURE(live_since_);
  return base::to_seconds(at - *live_since_);
}

void Journal::timeline_row(base::Instant at, std::string kind, std::string name, std::string what) {
  reports::TimelineRow row{0, std::move(kind), std::move(name), std::move(what)};
  if (!live_since_) return held_.push_back({at, std::move(row)});
  row.at = seconds(at);
  store_.add(std::move(row));
}

void Journal::phase(base::Instant at, const std::string& name, const std::string& what) { timeline_row(at, "phase", name, what); }
void Journal::message(base::Instant at, const std::string& text) { timeline_row(at, "message", "", text); }
void Journal::drill(base::Instant at, const std::string& name, const std::string& what) { timeline_row(at, "drill", name, what); }

}  // namespace harness

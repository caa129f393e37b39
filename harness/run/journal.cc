#include "harness/run/journal.h"

#include <fmt/format.h>

#include "base/ensure.h"

namespace harness {
namespace {

struct Described {
  const char* kind;
  double value;
  std::string detail;
};

Described describe(const StartupDone& e) { return {"startup", base::to_seconds(e.startup_time), ""}; }
Described describe(const StallBegan&) { return {"stall-began", 0, ""}; }
Described describe(const StallEnded& e) { return {"stall-ended", base::to_seconds(e.lasted), ""}; }
Described describe(const SeekBegan&) { return {"seek-began", 0, ""}; }
Described describe(const SeekEnded& e) { return {"seek-ended", base::to_seconds(e.lasted), ""}; }
Described describe(const Paused&) { return {"paused", 0, ""}; }
Described describe(const Resumed& e) { return {"resumed", base::to_seconds(e.lasted), ""}; }
Described describe(const RenditionSwitched& e) {
  return {"switch", static_cast<double>(e.to.bps()), fmt::format("{} -> {} kbit/s", e.from.bps() / 1000, e.to.bps() / 1000)};
}
Described describe(const TokenRenewed& e) { return {"token-renewed", 0, e.after_refusal ? "after a refusal" : "ahead of expiry"}; }
Described describe(const Trouble& e) { return {"trouble", 0, e.what}; }
Described describe(const TroubleOver&) { return {"trouble-over", 0, ""}; }

}  // namespace

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

void Journal::note(base::Instant at, base::ViewerId viewer, const Telemetry& what) {
  if (const auto* request = std::get_if<RequestDone>(&what)) {
    second_.errors += has_failed(*request) ? 1 : 0;
    second_.bytes += request->bytes.count();
    store_.add(reports::RequestRow{.at = seconds(at) - base::to_seconds(request->took),
                                   .session = index_of(viewer),
                                   .kind = to_text(request->kind),
                                   .url = request->url,
                                   .failure = request->failure,
                                   .rendition = request->rendition,
                                   .status = request->status,
                                   .bytes = request->bytes.count(),
                                   .ttfb = base::to_seconds(request->ttfb),
                                   .took = base::to_seconds(request->took),
                                   .cached = request->cached.count()});
    return;
  }
  const Described event = std::visit(
      [](const auto& one) -> Described {
        if constexpr (std::is_same_v<std::decay_t<decltype(one)>, RequestDone>)
          return {"request", 0, ""};
        else
          return describe(one);
      },
      what);
  store_.add(reports::EventRow{seconds(at), index_of(viewer), event.kind, event.value, event.detail});
}

void Journal::finished(base::Instant at, base::ViewerId viewer, const Finish& how) {
  store_.add(reports::EventRow{seconds(at), index_of(viewer), "finished", 0, how.reason.empty() ? to_text(how.ending) : how.reason});
}

}  // namespace harness

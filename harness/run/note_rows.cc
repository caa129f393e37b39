#include "harness/run/note_rows.h"

#include <fmt/format.h>

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

reports::Row to_row(double at, std::uint32_t session, const RequestDone& request) {
  return reports::RequestRow{.at = at - base::to_seconds(request.took),
                             .session = session,
                             .kind = to_text(request.kind),
                             .url = request.url,
                             .failure = request.failure,
                             .rendition = request.rendition,
                             .status = request.status,
                             .bytes = request.bytes.count(),
                             .ttfb = base::to_seconds(request.ttfb),
                             .took = base::to_seconds(request.took),
                             .cached = request.cached.count()};
}

template <class Event>
reports::Row to_row(double at, std::uint32_t session, const Event& what) {
  const Described event = describe(what);
  return reports::EventRow{at, session, event.kind, event.value, event.detail};
}

}  // namespace

reports::Row row_of(double at, std::uint32_t session, const Telemetry& what) {
  return std::visit([&](const auto& one) { return to_row(at, session, one); }, what);
}

reports::Row row_of(double at, std::uint32_t session, const Finish& how) {
  return reports::EventRow{at, session, "finished", 0, how.reason.empty() ? to_text(how.ending) : how.reason};
}

}  // namespace harness

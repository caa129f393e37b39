// RecordedSession: one emulated viewer in real time, driven by what drives the viewers of `rehearse run`, and the recording of it in
// the form in which the real players are recorded (docs/fidelity.md). One thread.
#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/json_reader.h"
#include "base/steady_timeline.h"
#include "harness/run/viewer.h"
#include "harness/transport/browser_cache.h"
#include "harness/transport/curl_transport.h"
#include "tests/fidelity/player/recorded_transport.h"

namespace fidelity {

class RecordedSession final : private harness::ViewerObserver {
 public:
  struct Options {
    std::string device{};  // of the catalogue
    std::string url{};
    base::Duration length{};
  };
  // Throws base::InvalidInput for an unknown device.
  explicit RecordedSession(const Options& options);

  // Plays to the end of the session; the viewer presses play at once.
  void play();
  base::Json recording() const;

 private:
  struct Stall {
    base::Instant began{};
    std::optional<base::Duration> lasted{};
  };
  struct Sample {
    base::Instant at{};
    base::Duration buffer{}, played{};
  };
  void on_note(base::ViewerId viewer, base::Instant at, const harness::Telemetry& what) override;
  void on_finish(base::ViewerId viewer, base::Instant at, const harness::Finish& how) override;
  void on_lateness(base::Duration late) override { lateness_.add(base::to_seconds(late)); }
  void sample();
  double since_start(base::Instant at) const { return base::to_milliseconds(at - began_); }
  base::Json requests() const;
  base::Json stalls() const;
  base::Json samples() const;

  Options options_;
  boost::asio::io_context io_{1};
  base::SteadyTimeline timeline_{io_};
  harness::CurlTransport network_;
  harness::BrowserCache cache_{network_, timeline_, timeline_.wall_anchor()};
  RecordedTransport transport_{cache_, timeline_};
  std::optional<harness::Viewer> viewer_;
  base::Timer end_, next_sample_;
  base::Instant began_{}, ended_{};
  std::optional<base::Duration> startup_;
  std::vector<Stall> stalls_;
  std::vector<Sample> samples_;
  std::vector<std::string> errors_;
  base::Histogram lateness_;
  base::Duration played_{};
};

}  // namespace fidelity

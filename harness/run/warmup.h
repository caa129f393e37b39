// Warmup: one probe player per region (at least two where the scenario has them) must show two seconds of play before the audience
// is let in. They have good links, whatever the audience's are. Probes count in no KPI.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "harness/run/rehearsal.h"

namespace harness {

class Rehearsal::Warmup final : private ViewerObserver {
 public:
  // `done` is called once, on the timeline: empty when all probes played, else why not.
  Warmup(const Scenario& scenario, Stage& stage, BrowserCache& browsers, std::function<void(std::string)> done);
  ~Warmup();
  void begin();
  void stop();

 private:
  struct Probe {
    std::size_t cohort = 0;
    std::string region;
    std::unique_ptr<Viewer> viewer;
    bool played = false;
  };
  void on_note(base::ViewerId viewer, base::Instant at, const Telemetry& what) override;
  void on_finish(base::ViewerId viewer, base::Instant at, const Finish& how) override;
  void on_lateness(base::Duration) override {}
  void look();
  void report(std::string problem);
  static base::ViewerId id_of(std::size_t probe);

  Stage& stage_;
  BrowserCache& browsers_;
  const bool has_virtual_world_;
  std::function<void(std::string)> done_;
  std::vector<Probe> probes_;
  std::string problem_, last_trouble_;
  base::Instant began_{};
  base::Timer pulse_;
};

}  // namespace harness

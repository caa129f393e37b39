// AudienceSample: what the sessions do at one moment, as rows of the series: over all of them, and by the device that plays. Counting
// a session costs no text; the rows' texts are made once a sample. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "harness/player/player_session.h"
#include "harness/scenario/scenario.h"
#include "reports/record/rows.h"

namespace harness {

class AudienceSample {
 public:
  explicit AudienceSample(const Scenario& scenario);

  // A session that has begun and not finished. `cohort`: index in the scenario.
  void count(std::size_t cohort, const PlayerStatus& status);

  struct Rows {
    reports::SeriesRow all;
    std::vector<reports::DeviceSeriesRow> devices;  // every device of the scenario, in its order
  };
  // What was counted since the last call. `at`: seconds of the run. Every counted session stands for `weight`.
  Rows take(double at, std::size_t weight = 1);

 private:
  struct Tally {
    std::uint32_t active = 0, starting = 0, playing = 0, stalled = 0, paused = 0;
    double bitrate = 0;  // bit/s, summed over the playing
    double buffer = 0;   // seconds, summed over those that play, are stalled or paused
    Tally times(std::size_t weight) const;
  };
  std::vector<std::string> devices_;
  std::vector<std::size_t> device_of_cohort_;  // index in devices_
  std::vector<Tally> tallies_;                 // by device
  std::map<base::Bitrate, std::uint32_t> renditions_;
};

}  // namespace harness

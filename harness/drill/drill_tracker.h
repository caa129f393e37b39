// Follows one drill from injection to verified recovery, from what the sessions say. Pure: fed in time order, seconds after the
// start of the run. Definitions:
//   first symptom  the first Trouble or stall of a targeted session at or after the injection
//   detected       symptoms in at least max(1, 1 %) of the targeted sessions that were active at the injection (the harness's alert)
//   affected       a targeted session with a symptom inside the window [injected, end of the injection + 30 s]
//   recovered      per session: it plays and its trouble is over, 1 s of play after the last symptom counts back to the moment
//                  playing resumed; for the drill: when the last affected session has recovered and the injection has ended.
//                  Once the window is over, a recovered session stays recovered: what happens to it then is another incident
// A drill without symptoms has recovered_at = the end of the injection (nobody noticed) and says so in its note.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "reports/record/rows.h"

namespace harness {

class DrillTracker {
 public:
  // Seconds after the end of the injection in which a symptom is still put down to the drill: players live on their buffers first.
  static constexpr double kWindow = 30;

  // `lasts`: seconds between the injection and its end (0 for instantaneous ones).
  DrillTracker(std::string name, std::string inject, double lasts);

  void injected(double at, const std::set<std::uint32_t>& targeted_and_active);
  bool is_injected() const;
  // A session shows a symptom (a stall began, a request was refused).
  void symptom(double at, std::uint32_t session);
  // A session plays normally (stall ended, trouble over).
  void normal(double at, std::uint32_t session);
  // A session has ended: recovered when it left in normal play, unrecovered for ever when it left in trouble.
  void left(double at, std::uint32_t session);

  // As far as known at `now`.
  reports::DrillRow row(double now) const;

 private:
  struct Affected {
    double first_symptom = 0;
    std::optional<double> normal_since;
    bool left = false;
  };
  std::optional<double> recovered_at(const Affected& session, double now) const;
  double end() const { return *injected_at_ + lasts_; }
  bool is_in_window(double at) const;
  void describe(reports::DrillRow& row, double now) const;
  std::string name_, inject_;
  double lasts_;
  std::optional<double> injected_at_;
  std::set<std::uint32_t> targeted_;
  std::map<std::uint32_t, Affected> affected_;
  std::optional<double> first_symptom_at_, detected_at_;
};

}  // namespace harness

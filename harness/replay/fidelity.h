// How near an emulation has to come to the real player, and whether it does: per run, and over the runs of one engine on one trace with
// the real player's own run-to-run spread as the wider bound. Pure.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <vector>

#include "harness/replay/recording.h"
#include "harness/replay/session_metrics.h"

namespace harness {

// A recording beside its emulation.
struct ReplayRun {
  const Recording* recording = nullptr;
  const ContentTable* content = nullptr;
  Device device;
  SessionRecord emulated;
  SessionMetrics real_metrics, emulated_metrics;
  SessionAgreement agreement;
};
ReplayRun compare(const Recording& recording, const ContentTable& content, Device device, SessionRecord emulated);

enum class Figure { kStartup, kRequested, kBuffered, kStallRatio, kSwitches, kAgreement };

struct FigureForm {
  Figure figure;
  const char* key;    // in JSON
  const char* label;  // in tables
  const char* unit;
  int decimals;
  double absolute;  // the difference that is allowed, in the unit,
  double relative;  // or this share of the real player's figure where that is more
};
// The targets. Agreement is not a difference: at least 90 % of the segments have the same rung.
inline constexpr double kLeastAgreement = 90;
inline constexpr std::array kFigures{FigureForm{Figure::kStartup, "startup_ms", "startup", "ms", 0, 100, 0.05},
                                     FigureForm{Figure::kRequested, "requested_kbps", "requested bitrate", "kbit/s", 0, 0, 0.03},
                                     FigureForm{Figure::kBuffered, "buffered_kbps", "buffered bitrate", "kbit/s", 0, 0, 0.03},
                                     FigureForm{Figure::kStallRatio, "stall_ratio_percent", "stall ratio", "%", 2, 0.3, 0},
                                     FigureForm{Figure::kSwitches, "switches", "switches", "", 1, 0, 0.10},
                                     FigureForm{Figure::kAgreement, "agreement_percent", "same rung", "%", 1, 0, 0}};

// Means over runs. Agreement: `real` is how the real player agrees with itself, `emulated` how the emulation agrees with it.
struct Verdict {
  FigureForm form;
  std::optional<double> real, emulated;  // absent: never played in any run, or (agreement) a single run
  std::optional<double> difference;      // emulated - real
  double distance = 0;                   // mean of the runs' |emulated - real|; agreement: as `emulated`
  std::optional<double> spread;          // mean |difference| between two runs of the real player; agreement: as `real`. Absent: one run
  double limit = 0;                      // of the distance: at most; agreement: at least
  bool met = false;
};
// Requires: at least one run, all of one player on one trace.
std::vector<Verdict> judge(std::span<const ReplayRun* const> runs);
bool all_met(std::span<const Verdict> verdicts);

// How far request starts lie apart, means over runs; the medians are of distances.
struct StartSummary {
  base::Duration video_rmse{}, video_median{}, audio_rmse{}, audio_median{};
};
StartSummary start_summary(std::span<const SessionAgreement> agreements);
// Of every pair of real runs.
std::vector<SessionAgreement> agreements_among(std::span<const ReplayRun* const> runs);

}  // namespace harness

// The KPIs by name: kind, unit and definition. Names and denominators follow CTA-2066 (public working draft, 2019). One line here
// and one in KpiFold make a new KPI.
#pragma once

#include <array>
#include <string_view>

namespace harness {

// kTrend: a distribution (count, mean, percentiles). kRate: a share of sessions with a Wilson interval (`rate`; `value` is the
// same). kRatio: one quotient of sums (`value`). kCounter: a count (`count`; `value` is the same).
enum class MetricKind { kTrend, kRate, kRatio, kCounter };

struct Metric {
  std::string_view name;
  MetricKind kind;
  std::string_view unit;  // "s", "bps", "ratio" or "count"
  std::string_view definition;
};

inline constexpr std::array kMetrics{
    Metric{"startup_time", MetricKind::kTrend, "s",
           "from the viewer's request (its planned instant) to the first frame; sessions that started"},
    Metric{"startup_success", MetricKind::kRate, "ratio",
           "sessions that showed a first frame / sessions asked to play, viewers who left before it included, except those that the end of "
           "the run cut off within 5 s of their request"},
    Metric{"video_start_failures", MetricKind::kRate, "ratio",
           "sessions that failed before the first frame / the same sessions as startup_success"},
    Metric{"exits_before_start", MetricKind::kRate, "ratio",
           "sessions that ended without an error before the first frame (the viewer's patience or the run was over) / the same sessions as "
           "startup_success"},
    Metric{"rebuffer_ratio", MetricKind::kRatio, "ratio",
           "sum of stall time / sum of watched time (playing and stalled; startup, waits for seeks and pauses excluded); sessions that "
           "started"},
    Metric{"session_rebuffer_ratio", MetricKind::kTrend, "ratio", "stall time / watched time of each session that started"},
    Metric{"interruption_duration", MetricKind::kTrend, "s",
           "each stall, from the playhead running dry to playing again or, where the session ended in it, until then"},
    Metric{"interruption_count", MetricKind::kTrend, "count", "stalls of each session that started"},
    Metric{"seek_latency", MetricKind::kTrend, "s",
           "each seek, from the viewer's asking to playing again or to the end of the session, pauses excluded; 0 where the target was "
           "buffered"},
    Metric{"bitrate", MetricKind::kTrend, "bps", "declared bitrate of the media played, weighted by time, of each session that started"},
    Metric{"rendition_switches", MetricKind::kTrend, "count", "changes of video rendition of each session that started"},
    Metric{"live_latency", MetricKind::kTrend, "s",
           "wall clock minus the playhead's programme time, mean over each live session that started"},
    Metric{"playback_failures", MetricKind::kRate, "ratio", "sessions that failed after the first frame / sessions that started"},
    Metric{"recovery_time", MetricKind::kTrend, "s", "from a drill's injection to each affected session playing normally again; tag drill"},
    Metric{"recovery_failures", MetricKind::kRate, "ratio",
           "sessions affected by a drill that had not recovered when they ended / sessions affected; tag drill"},
    Metric{"time_to_detect", MetricKind::kTrend, "s", "from a drill's injection to its detection by the harness; tag drill"},
    Metric{"detection_failures", MetricKind::kRate, "ratio",
           "drills that affected sessions and were not detected / drills that affected sessions; tag drill"},
    Metric{"sessions", MetricKind::kCounter, "count", "sessions asked to play"},
};

// The tags that sessions carry. The metrics of drills carry "drill" only: a drill's record names no cohorts.
inline constexpr std::array<std::string_view, 5> kSessionTags{"device", "network", "region", "path", "cohort"};
inline constexpr std::array<std::string_view, 1> kDrillTags{"drill"};
inline constexpr std::array<std::string_view, 4> kDrillMetrics{"recovery_time", "recovery_failures", "time_to_detect",
                                                               "detection_failures"};

constexpr bool is_drill_metric(std::string_view name) {
  for (const std::string_view metric : kDrillMetrics)
    if (metric == name) return true;
  return false;
}

// Not listed when no session had any: not all content is live, not all viewers seek.
constexpr bool is_optional(std::string_view name) { return name == "live_latency" || name == "seek_latency"; }

// Null when there is none of this name.
constexpr const Metric* metric_named(std::string_view name) {
  for (const Metric& metric : kMetrics)
    if (metric.name == name) return &metric;
  return nullptr;
}

}  // namespace harness

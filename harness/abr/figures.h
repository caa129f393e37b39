// Figures: what Sabre prints of a session, by the same names and in the same order. Plain data.
#pragma once

#include <array>

namespace harness::abr {

struct Figures {
  double buffer_size = 0;  // milliseconds
  double total_played_utility = 0, time_average_played_utility = 0;
  double total_played_bitrate = 0, time_average_played_bitrate = 0;  // kbit/s; a time average is a mean over segment durations
  double total_play_time = 0, total_play_time_chunks = 0;            // seconds; segment durations
  double total_rebuffer = 0, rebuffer_ratio = 0, time_average_rebuffer = 0;
  double total_rebuffer_events = 0, time_average_rebuffer_events = 0;
  double total_bitrate_change = 0, time_average_bitrate_change = 0;
  double total_log_bitrate_change = 0, time_average_log_bitrate_change = 0;
  double time_average_score = 0;
  // Segments whose throughput was below what was estimated, and the mean difference; the others; all, above counting as positive.
  double over_estimate_count = 0, over_estimate = 0, leq_estimate_count = 0, leq_estimate = 0, estimate = 0;
  double rampup_time = 0, total_reaction_time = 0;  // seconds
};

struct NamedFigure {
  const char* name;
  double Figures::*value;
};
inline constexpr std::array<NamedFigure, 24> kFigures{{
    {"buffer_size", &Figures::buffer_size},
    {"total_played_utility", &Figures::total_played_utility},
    {"time_average_played_utility", &Figures::time_average_played_utility},
    {"total_played_bitrate", &Figures::total_played_bitrate},
    {"time_average_played_bitrate", &Figures::time_average_played_bitrate},
    {"total_play_time", &Figures::total_play_time},
    {"total_play_time_chunks", &Figures::total_play_time_chunks},
    {"total_rebuffer", &Figures::total_rebuffer},
    {"rebuffer_ratio", &Figures::rebuffer_ratio},
    {"time_average_rebuffer", &Figures::time_average_rebuffer},
    {"total_rebuffer_events", &Figures::total_rebuffer_events},
    {"time_average_rebuffer_events", &Figures::time_average_rebuffer_events},
    {"total_bitrate_change", &Figures::total_bitrate_change},
    {"time_average_bitrate_change", &Figures::time_average_bitrate_change},
    {"total_log_bitrate_change", &Figures::total_log_bitrate_change},
    {"time_average_log_bitrate_change", &Figures::time_average_log_bitrate_change},
    {"time_average_score", &Figures::time_average_score},
    {"over_estimate_count", &Figures::over_estimate_count},
    {"over_estimate", &Figures::over_estimate},
    {"leq_estimate_count", &Figures::leq_estimate_count},
    {"leq_estimate", &Figures::leq_estimate},
    {"estimate", &Figures::estimate},
    {"rampup_time", &Figures::rampup_time},
    {"total_reaction_time", &Figures::total_reaction_time},
}};

}  // namespace harness::abr

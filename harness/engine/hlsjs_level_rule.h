// The level rule of hls.js (abr-controller.ts): the highest level whose declared rate is within a share of the estimate and whose
// segment would be here before the buffer has run dry. In a live stream only the rate counts. Pure.
#pragma once

#include <optional>

#include "harness/engine/hlsjs_levels.h"

namespace harness::hlsjs {

inline constexpr double kStepUpFactor = 0.7;  // abrBandWidthUpFactor, config.ts

// What the rule looks at.
struct Outlook {
  base::Bitrate bandwidth;              // estimate
  base::Duration first_byte{};          // estimate
  base::Duration playlist{};            // time the last playlist took after its first byte
  base::Duration buffer{};              // time until it runs dry
  base::Duration segment{};             // duration of the last segment asked for; zero: none yet
  std::size_t base = 0;                 // a level above it is a step up
  std::optional<std::size_t> loaded{};  // level of the last segment received
  std::size_t highest = 0;              // levels above it are out of the question
  bool live = false;
};

// How careful to be.
struct Caution {
  base::Duration grace{};  // the segment may be this late; zero: a long buffer counts average rates instead of peaks
  double keep = 1;         // share of the estimate to count on
  double step_up = 1;      // and for a step up
};

// The time until a segment of `bits` is here, its playlist included if that is needed first.
base::Duration time_to_load(const Outlook& outlook, double bandwidth_bps, double bits, bool needs_playlist);

// The highest acceptable level; nothing if there is none.
std::optional<std::size_t> best_level(Levels levels, const Outlook& outlook, const Caution& caution);

// The level of the first segment. `first`: what the manifest lists first.
std::size_t first_level(Levels levels, const Outlook& outlook, std::size_t first);

// The level of the next segment.
std::size_t next_level(Levels levels, const Outlook& outlook);

}  // namespace harness::hlsjs

// Visit: what one viewer does in one session, from pressing play to leaving or turning to another channel, with the instants fixed
// beforehand. Plain data: viewer_behaviour.h makes it, the player session acts on it.
#pragma once

#include <optional>
#include <variant>
#include <vector>

#include "base/time.h"

namespace harness {

// To a place in what can be sought: VOD from 0, its start, to 1, its end; live from the start of the window to the live position.
struct SeekTo {
  double place = 0;
  friend bool operator==(const SeekTo&, const SeekTo&) = default;
};
// From the playhead; negative: back. Ends at the bounds of what can be sought.
struct SeekBy {
  base::Duration jump{};
  friend bool operator==(const SeekBy&, const SeekBy&) = default;
};
struct PausePlay {
  friend bool operator==(const PausePlay&, const PausePlay&) = default;
};
struct ResumePlay {
  friend bool operator==(const ResumePlay&, const ResumePlay&) = default;
};
struct HidePage {  // the tab goes to the background: its timers run once a second
  friend bool operator==(const HidePage&, const HidePage&) = default;
};
struct ShowPage {
  friend bool operator==(const ShowPage&, const ShowPage&) = default;
};
using ViewerAction = std::variant<SeekTo, SeekBy, PausePlay, ResumePlay, HidePage, ShowPage>;

struct TimedAction {
  base::Duration at{};  // wall time after the first frame
  ViewerAction what;
  friend bool operator==(const TimedAction&, const TimedAction&) = default;
};

struct Visit {
  std::size_t channel = 0;                 // which of the target's streams
  std::optional<base::Duration> patience;  // with the start; absent: endless
  std::optional<base::Duration> watch;     // wall time from the first frame; absent: to the end of the run
  std::vector<TimedAction> actions;        // ascending
  friend bool operator==(const Visit&, const Visit&) = default;
};

}  // namespace harness

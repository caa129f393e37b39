// The live progress line: one line redrawn each second on a terminal, one line every five seconds otherwise; seconds of the wall clock,
// which a virtual run has more figures for than anyone could read. Writes to stderr.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/time.h"
#include "base/units.h"
#include "harness/run/pace.h"

namespace harness {

struct ProgressFigures {
  std::uint32_t active = 0, starting = 0, stalled = 0;
  std::optional<std::uint32_t> paused{};  // absent where no viewer ever pauses: the line then has no such column
  std::uint32_t finished = 0, planned = 0;
  std::uint64_t errors = 0;
  base::Bitrate mean_bitrate;
  base::Duration left{};
  std::optional<SimulatedWork> work{};  // of a virtual run
};

// "  12 active    0 starting    1 stalled     3/20 done    0 errors   2.41 Mbit/s  35s left"
std::string in_words(const ProgressFigures& figures);
// A virtual run's end: "   412k session-seconds/s  3m20s left"; `figures.left` is virtual.
std::string in_words(const ProgressFigures& figures, const Pace& pace);

class ProgressLine {
 public:
  enum class Mode { kAuto, kQuiet };
  explicit ProgressLine(Mode mode);
  ~ProgressLine();
  // Replaces the line. `phase`: "live"; `text`: what is being done in phases without figures.
  void show(const std::string& phase, const std::string& text);
  void show(const std::string& phase, const ProgressFigures& figures);
  // A line that stays.
  void say(const std::string& text);

 private:
  void draw(const std::string& line, bool due);
  bool is_time_for(const std::string& phase, const ProgressFigures& figures);
  bool quiet_;
  bool terminal_;
  bool open_line_ = false;
  int skipped_ = 0;
  Pace pace_;
  std::optional<base::Instant> drawn_;  // a virtual run's line
  std::string last_phase_;
};

}  // namespace harness

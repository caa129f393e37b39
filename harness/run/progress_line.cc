#include "harness/run/progress_line.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

#include "base/steady_timeline.h"
#include "base/text.h"

namespace harness {

namespace {

using namespace std::chrono_literals;

constexpr int kEverySoMany = 5;  // calls between lines where nothing can be redrawn; calls come once a second
// The same of a virtual run, whose calls come as fast as it is simulated; and between redrawings on a terminal.
constexpr base::Duration kLineEvery = 5s, kRedrawEvery = 200ms;

std::string whole_seconds(base::Duration time) {
  return base::to_text(std::chrono::duration_cast<base::Duration>(std::chrono::ceil<std::chrono::seconds>(time)));
}

std::string viewers_in_words(const ProgressFigures& f) {
  const std::string paused = f.paused ? fmt::format("  {:>3} paused", *f.paused) : "";
  return fmt::format("{:>4} active  {:>3} starting  {:>3} stalled{}  {:>4}/{} done  {:>3} errors  {:>5.2f} Mbit/s", f.active, f.starting,
                     f.stalled, paused, f.finished, f.planned, f.errors, f.mean_bitrate.kbps() / 1000);
}

}  // namespace

std::string in_words(const ProgressFigures& f) { return viewers_in_words(f) + "  " + whole_seconds(f.left) + " left"; }

std::string in_words(const ProgressFigures& f, const Pace& pace) {
  const std::string rate = pace.rate() ? "  " + base::abbreviated(*pace.rate()) + " session-seconds/s" : "";
  const std::string left = pace.left() ? whole_seconds(*pace.left()) : whole_seconds(f.left) + " of virtual time";
  return viewers_in_words(f) + rate + "  " + left + " left";
}

ProgressLine::ProgressLine(Mode mode) : quiet_{mode == Mode::kQuiet}, terminal_{isatty(STDERR_FILENO) == 1} {}

ProgressLine::~ProgressLine() {
  if (open_line_) std::fputc('\n', stderr);
}

void ProgressLine::draw(const std::string& line, bool due) {
  if (quiet_) return;
  if (terminal_) {
    std::fprintf(stderr, "\r\033[K%s", line.c_str());
    open_line_ = true;
  } else if (due || ++skipped_ >= kEverySoMany) {
    std::fprintf(stderr, "%s\n", line.c_str());
    skipped_ = 0;
  }
  std::fflush(stderr);
}

void ProgressLine::show(const std::string& phase, const std::string& text) {
  draw(fmt::format("{:<9} {}", phase, text), std::exchange(last_phase_, phase) != phase);
}

bool ProgressLine::is_time_for(const std::string& phase, const ProgressFigures& figures) {
  const base::Instant now = base::steady_now();
  pace_.add(now, *figures.work);
  if (drawn_ && phase == last_phase_ && now - *drawn_ < (terminal_ ? kRedrawEvery : kLineEvery)) return false;
  drawn_ = now;
  return true;
}

void ProgressLine::show(const std::string& phase, const ProgressFigures& f) {
  if (f.work && !is_time_for(phase, f)) return;
  const std::string words = f.work ? in_words(f, pace_) : in_words(f);
  draw(fmt::format("{:<9} {}", phase, words), std::exchange(last_phase_, phase) != phase || f.work);
}

void ProgressLine::say(const std::string& text) {
  if (quiet_) return;
  if (open_line_) std::fputs("\r\033[K", stderr);
  open_line_ = false;
  std::fprintf(stderr, "%s\n", text.c_str());
}

}  // namespace harness

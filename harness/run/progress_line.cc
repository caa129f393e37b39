#include "harness/run/progress_line.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

#include "base/text.h"

namespace harness {

namespace {
constexpr int kEverySoMany = 5;  // calls between lines where nothing can be redrawn; calls come once a second
}

std::string in_words(const ProgressFigures& f) {
  const std::string paused = f.paused ? fmt::format("  {:>3} paused", *f.paused) : "";
  return fmt::format("{:>4} active  {:>3} starting  {:>3} stalled{}  {:>4}/{} done  {:>3} errors  {:>5.2f} Mbit/s  {} left", f.active,
                     f.starting, f.stalled, paused, f.finished, f.planned, f.errors, f.mean_bitrate.kbps() / 1000,
                     base::to_text(std::chrono::duration_cast<base::Duration>(std::chrono::ceil<std::chrono::seconds>(f.left))));
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

void ProgressLine::show(const std::string& phase, const ProgressFigures& f) {
  draw(fmt::format("{:<9} {}", phase, in_words(f)), std::exchange(last_phase_, phase) != phase);
}

void ProgressLine::say(const std::string& text) {
  if (quiet_) return;
  if (open_line_) std::fputs("\r\033[K", stderr);
  open_line_ = false;
  std::fprintf(stderr, "%s\n", text.c_str());
}

}  // namespace harness

#include "server/ingest/health/thresholds.h"

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "base/text.h"

namespace server {
namespace {

using namespace std::chrono_literals;

// Keeps the first problem.
class RangeCheck {
 public:
  void holds(std::string_view field, base::Duration value, base::Duration least, base::Duration most) {
    if (value < least || value > most) note(field, text_of(value), base::to_text(least), base::to_text(most));
  }
  // Not a number is out of every range.
  void holds(std::string_view field, double value, double least, double most) {
    if (!(value >= least && value <= most)) note(field, fmt::format("{}", value), fmt::format("{}", least), fmt::format("{}", most));
  }
  void holds(std::string_view aspect, const DwellTimes& times) {
    holds(fmt::format("{}_raise_after", aspect), times.raise_after, 100ms, 10min);
    holds(fmt::format("{}_clear_after", aspect), times.clear_after, 0ms, 10min);
  }
  base::Result<void> result() const {
    if (problem_.empty()) return {};
    return base::error(problem_);
  }

 private:
  static std::string text_of(base::Duration value) { return value < 0ms ? "-" + base::to_text(-value) : base::to_text(value); }
  void note(std::string_view field, const std::string& value, const std::string& least, const std::string& most) {
    if (problem_.empty()) problem_ = fmt::format("{}: {}: must be {} to {}", field, value, least, most);
  }
  std::string problem_;
};

}  // namespace

base::Result<void> check(const HealthThresholds& of) {
  RangeCheck range;
  range.holds("picture_gap", of.picture_gap, 200ms, 1min);  // 200 ms: five pictures at 25 a second, a connection's usual hiccups
  range.holds("picture_clear_after", of.picture_clear_after, 0ms, 10min);
  range.holds("bitrate_window", of.bitrate_window, 500ms, 1min);
  range.holds("bitrate_floor_kbps", of.bitrate_floor.kbps(), 0, 1'000'000);
  range.holds("bitrate_collapse", of.bitrate_collapse, 0, 0.95);
  range.holds("bitrate", of.bitrate);
  range.holds("continuity_errors", of.continuity_errors, 1, 100'000);
  range.holds("continuity_window", of.continuity_window, 500ms, 10min);
  range.holds("continuity_clear_after", of.continuity_clear_after, 0ms, 10min);
  range.holds("timestamp_jump", of.timestamp_jump, 100ms, 1min);
  range.holds("timestamps_clear_after", of.timestamps_clear_after, 0ms, 10min);
  range.holds("freeze_difference", of.freeze_difference, 0.01, 20);
  range.holds("freeze", of.freeze);
  range.holds("black_luma", of.black_luma, 16, 128);
  range.holds("black_spread", of.black_spread, 0, 64);
  range.holds("black", of.black);
  range.holds("silence_level_dbfs", of.silence_level, -110, -10);
  range.holds("silence", of.silence);
  range.holds("skew_limit", of.skew_limit, 20ms, 10s);
  range.holds("skew", of.skew);
  return range.result();
}

}  // namespace server

#include "server/ingest/health/thresholds.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

namespace server {
namespace {

using namespace base::literals;

TEST(HealthThresholds, DefaultsAreInRange) { EXPECT_TRUE(check(HealthThresholds{}).has_value()); }

TEST(HealthThresholds, FieldOutOfRangeIsNamedWithItsRange) {
  EXPECT_EQ(check(HealthThresholds{.picture_gap = 100ms}).error().message, "picture_gap: 100ms: must be 200ms to 1m");
  EXPECT_EQ(check(HealthThresholds{.picture_clear_after = -1s}).error().message, "picture_clear_after: -1s: must be 0s to 10m");
  EXPECT_EQ(check(HealthThresholds{.bitrate_collapse = 1}).error().message, "bitrate_collapse: 1: must be 0 to 0.95");
}

TEST(HealthThresholds, EveryFieldHasARange) {
  using Spoil = std::function<void(HealthThresholds&)>;
  const std::pair<const char*, Spoil> fields[] = {
      {"bitrate_window", [](auto& of) { of.bitrate_window = 0s; }},
      {"bitrate_floor_kbps", [](auto& of) { of.bitrate_floor = base::Bitrate::bits_per_second(-1); }},
      {"bitrate_raise_after", [](auto& of) { of.bitrate.raise_after = 0s; }},
      {"continuity_errors", [](auto& of) { of.continuity_errors = 0; }},
      {"continuity_window", [](auto& of) { of.continuity_window = 1ms; }},
      {"continuity_clear_after", [](auto& of) { of.continuity_clear_after = 1h; }},
      {"timestamp_jump", [](auto& of) { of.timestamp_jump = 1ms; }},
      {"timestamps_clear_after", [](auto& of) { of.timestamps_clear_after = 1h; }},
      {"freeze_difference", [](auto& of) { of.freeze_difference = std::nan(""); }},
      {"freeze_raise_after", [](auto& of) { of.freeze.raise_after = 1ms; }},
      {"freeze_clear_after", [](auto& of) { of.freeze.clear_after = 1h; }},
      {"black_luma", [](auto& of) { of.black_luma = 15; }},
      {"black_spread", [](auto& of) { of.black_spread = -1; }},
      {"black_raise_after", [](auto& of) { of.black.raise_after = 1ms; }},
      {"silence_level_dbfs", [](auto& of) { of.silence_level = 0; }},
      {"silence_raise_after", [](auto& of) { of.silence.raise_after = 1ms; }},
      {"skew_limit", [](auto& of) { of.skew_limit = 1ms; }},
      {"skew_raise_after", [](auto& of) { of.skew.raise_after = 1ms; }},
  };
  for (const auto& [name, spoil] : fields) {
    HealthThresholds thresholds;
    spoil(thresholds);
    ASSERT_FALSE(check(thresholds).has_value()) << name;
    EXPECT_TRUE(check(thresholds).error().message.starts_with(std::string{name} + ": ")) << check(thresholds).error().message;
  }
}

TEST(HealthAspect, NamesGoThereAndBack) {
  for (const HealthAspect aspect : kEveryHealthAspect) EXPECT_EQ(health_aspect_named(to_text(aspect)), aspect);
  EXPECT_FALSE(health_aspect_named("mood"));
}

}  // namespace
}  // namespace server

#include "harness/run/audience_sample.h"

#include <gtest/gtest.h>

namespace harness {
namespace {

using namespace base::literals;

// Three cohorts; the first and the last share a device.
Scenario two_devices() {
  Scenario scenario;
  scenario.cohorts.resize(3);
  scenario.cohorts[0].device = scenario.cohorts[2].device = "desktop-hlsjs";
  scenario.cohorts[1].device = "android";
  return scenario;
}

PlayerStatus playing(base::Bitrate rendition, base::Duration buffer) {
  return {.state = PlayerState::kPlaying, .buffer = buffer, .rendition = rendition};
}

TEST(AudienceSample, GivesARowToEveryDeviceInTheScenariosOrder) {
  const auto rows = AudienceSample{two_devices()}.take(7);
  ASSERT_EQ(rows.devices.size(), 2u);
  EXPECT_EQ(rows.devices[0].device, "desktop-hlsjs");
  EXPECT_EQ(rows.devices[1].device, "android");
  EXPECT_EQ(rows.devices[1].at, 7);
}

TEST(AudienceSample, MeansAreOfADevicesOwnSessionsWhateverTheirCohort) {
  AudienceSample sample{two_devices()};
  sample.count(0, playing(2_Mbps, 10s));
  sample.count(2, playing(4_Mbps, 20s));
  sample.count(1, playing(1_Mbps, 3s));
  const auto rows = sample.take(0);
  EXPECT_EQ(rows.devices[0].bitrate, 3e6);
  EXPECT_EQ(rows.devices[0].buffer, 15);
  EXPECT_EQ(rows.devices[1].bitrate, 1e6);
  EXPECT_EQ(rows.devices[1].buffer, 3);
  EXPECT_DOUBLE_EQ(rows.all.bitrate, 7e6 / 3);
}

TEST(AudienceSample, BitrateIsOfThePlayingAndBufferOfAllWhoHaveStarted) {
  AudienceSample sample{two_devices()};
  sample.count(0, playing(2_Mbps, 12s));
  sample.count(0, {.state = PlayerState::kStalled, .buffer = 0s, .rendition = 8_Mbps});
  sample.count(0, {.state = PlayerState::kPaused, .buffer = 30s, .rendition = 8_Mbps});
  sample.count(0, {.state = PlayerState::kStarting, .buffer = 1s});
  const auto row = sample.take(0).devices[0];
  EXPECT_EQ(row.bitrate, 2e6);
  EXPECT_EQ(row.buffer, 14);
  EXPECT_EQ(row.active, 4u);
  EXPECT_EQ(row.starting + row.playing * 10 + row.stalled * 100 + row.paused * 1000, 1111u);
}

TEST(AudienceSample, HasNoMeansOfNobody) {
  AudienceSample sample{two_devices()};
  sample.count(0, {.state = PlayerState::kStarting});
  const auto rows = sample.take(0);
  EXPECT_EQ(rows.devices[0].bitrate, std::nullopt);
  EXPECT_EQ(rows.devices[0].buffer, std::nullopt);
  EXPECT_EQ(rows.all.bitrate, 0);
}

TEST(AudienceSample, CountsTheSessionsOnEachRendition) {
  AudienceSample sample{two_devices()};
  for (const std::size_t cohort : {0u, 1u, 2u}) sample.count(cohort, playing(800_kbps, 5s));
  sample.count(1, playing(2_Mbps, 5s));
  EXPECT_EQ(sample.take(0).all.renditions, (std::map<std::string, std::uint32_t>{{"800000", 3}, {"2000000", 1}}));
}

TEST(AudienceSample, BeginsAnewWithEverySample) {
  AudienceSample sample{two_devices()};
  sample.count(0, playing(2_Mbps, 10s));
  sample.take(0);
  const auto rows = sample.take(1);
  EXPECT_EQ(rows.all.active, 0u);
  EXPECT_TRUE(rows.all.renditions.empty());
  EXPECT_EQ(rows.devices[0].active, 0u);
}

}  // namespace
}  // namespace harness

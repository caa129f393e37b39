#include "reports/formats/html/device_lines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace reports::html {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr double kMegabit = 1e6;

// Two seconds: a phone that plays at 1 Mbit/s and then, with three times the viewers, at 3 Mbit/s; a television that comes later.
StoredRun two_seconds() {
  StoredRun run;
  run.series = {{.at = 1}, {.at = 2}};
  run.device_series = {{.at = 1, .device = "phone", .active = 1, .playing = 1, .bitrate = 1 * kMegabit, .buffer = 4},
                       {.at = 1, .device = "tv"},
                       {.at = 2, .device = "phone", .active = 4, .playing = 3, .stalled = 1, .bitrate = 3 * kMegabit, .buffer = 9},
                       {.at = 2, .device = "tv", .active = 1, .paused = 1, .buffer = 30}};
  return run;
}

std::vector<std::string> names_of(const std::vector<DeviceLine>& lines) {
  std::vector<std::string> names;
  for (const DeviceLine& line : lines) names.push_back(line.device);
  return names;
}

TEST(DeviceLines, HoldAValueForEverySecond) {
  const std::vector<DeviceLine> lines = device_lines(two_seconds(), 100);
  ASSERT_THAT(names_of(lines), ElementsAre("phone", "tv"));
  EXPECT_THAT(lines[0].bitrate, ElementsAre(1 * kMegabit, 3 * kMegabit));
  EXPECT_THAT(lines[0].buffer, ElementsAre(4, 9));
  EXPECT_THAT(lines[1].bitrate, ElementsAre(std::nullopt, std::nullopt)) << "paused";
  EXPECT_THAT(lines[1].buffer, ElementsAre(std::nullopt, 30));
  EXPECT_EQ(lines[0].session_seconds, 5u);
}

TEST(DeviceLines, WeighTheSecondsOfAPointByTheirSessions) {
  const std::vector<DeviceLine> lines = device_lines(two_seconds(), 1);
  EXPECT_THAT(lines[0].bitrate, ElementsAre(2.5 * kMegabit));
  EXPECT_THAT(lines[0].buffer, ElementsAre(8));
  EXPECT_THAT(lines[1].buffer, ElementsAre(30));
}

TEST(DeviceLines, StayWithTheirSecondWhenARowIsMissing) {
  StoredRun run = two_seconds();
  run.device_series.erase(run.device_series.begin());
  EXPECT_THAT(device_lines(run, 100)[1].bitrate, ElementsAre(std::nullopt, 3 * kMegabit));
}

TEST(DeviceLines, AreOfDevicesThatPlayedOnly) {
  StoredRun run = two_seconds();
  run.device_series.pop_back();
  EXPECT_THAT(names_of(device_lines(run, 100)), ElementsAre("phone"));
  EXPECT_THAT(device_lines(StoredRun{}, 100), IsEmpty());
}

TEST(DeviceLines, LeaveOutThoseWithTheFewestViewers) {
  std::vector<DeviceLine> lines;
  for (const auto& [name, seconds] : std::vector<std::pair<const char*, std::uint64_t>>{
           {"a", 50}, {"b", 2}, {"c", 40}, {"d", 1}, {"e", 30}, {"f", 20}, {"g", 10}, {"h", 60}})
    lines.push_back({.device = name, .session_seconds = seconds, .bitrate = {}, .buffer = {}});
  const DrawnLines some = drawn(lines);
  EXPECT_THAT(names_of(some.lines), ElementsAre("a", "c", "e", "f", "g", "h"));
  EXPECT_THAT(some.left_out, ElementsAre("d", "b"));
}

TEST(DeviceLines, HaveTheDownlinkBesideThemUnlessItIsFarAbove) {
  const std::vector<DeviceLine> lines = device_lines(two_seconds(), 100);
  EXPECT_TRUE(fits_beside({.low = 0.7 * kMegabit, .high = 300 * kMegabit}, lines)) << "a part of it can be seen";
  EXPECT_TRUE(fits_beside({.low = 7.5 * kMegabit, .high = 7.5 * kMegabit}, lines));
  EXPECT_FALSE(fits_beside({.low = 7.6 * kMegabit, .high = 7.6 * kMegabit}, lines));
  EXPECT_FALSE(fits_beside({.low = 1, .high = 1}, {}));
}

}  // namespace
}  // namespace reports::html

#include "harness/run/region_bottlenecks.h"

#include <gtest/gtest.h>

#include "base/virtual_timeline.h"

namespace harness {
namespace {

using namespace base::literals;

constexpr base::Instant kFirstTurn = base::VirtualTimeline::kStart;
constexpr double kCarried = 25'000;  // bytes that 10 Mbit/s carry in a turn

class RegionBottlenecksTest : public testing::Test {
 protected:
  RegionBottlenecks regions{{{"eu", {.down = {.rate = 10_Mbps, .queue = 100ms}}},
                             {"us", {.down = {.rate = 10_Mbps, .queue = 100ms}, .up = {.rate = 10_Mbps, .queue = 100ms}}}}};
  // A turn in which so much came down in eu. Returns: whether anything changed.
  bool turn(double bytes) {
    std::vector<BottleneckShare> sums(2);
    sums[*regions.index_of("eu")].came_down = bytes;
    return regions.pass(now_ += Bottleneck::kTurn, sums);
  }
  void turns(int count, double bytes) {
    for (int i = 0; i < count; ++i) turn(bytes);
  }
  reports::DeliveryRow eu() { return regions.rows().front(); }
  void SetUp() override { regions.measure_from(now_); }

 private:
  base::Instant now_ = kFirstTurn;
};

TEST_F(RegionBottlenecksTest, ARowForEachDirectionThatHasARate) {
  std::vector<std::string> names;
  for (const reports::DeliveryRow& row : regions.rows()) names.push_back(row.server + " of " + row.region + ", " + row.role);
  EXPECT_EQ(names, (std::vector<std::string>{"eu down of eu, bottleneck", "us down of us, bottleneck", "us up of us, bottleneck"}));
  EXPECT_EQ(regions.index_of("ap"), std::nullopt);
}

TEST_F(RegionBottlenecksTest, OneRegionsViewersDoNotWaitForAnothers) {
  EXPECT_TRUE(turn(3 * kCarried));
  EXPECT_EQ(regions.down(*regions.index_of("eu")).wait, 40ms);
  EXPECT_EQ(regions.down(*regions.index_of("us")), Toll{});
  EXPECT_EQ(regions.up(*regions.index_of("eu")), Toll{});
  EXPECT_FALSE(turn(kCarried)) << "as long as before";
  EXPECT_TRUE(turn(0));
}

TEST_F(RegionBottlenecksTest, CountsWhatCameAndHowLongItWaited) {
  turns(100, kCarried / 2);
  EXPECT_EQ(eu().bytes, 100 * static_cast<std::int64_t>(kCarried / 2));
  EXPECT_NEAR(eu().peak_egress, 5e6, 1.1e5);
  EXPECT_EQ(eu().egress_limit, 10e6);
  EXPECT_EQ(eu().longest_wait, 0);
  turn(4 * kCarried);
  turn(0);
  EXPECT_NEAR(eu().longest_wait, 0.06, 1e-9);
}

TEST_F(RegionBottlenecksTest, ABurstAloneIsNoLimit) {
  turn(8 * kCarried);
  EXPECT_GT(regions.down(0).loss, 0);
  turns(200, kCarried / 2);
  EXPECT_EQ(eu().first_limit, "");
  EXPECT_GT(eu().refused, 0u) << "packets";
}

TEST_F(RegionBottlenecksTest, ASecondThatIsFullIs) {
  turns(50, kCarried / 2);
  turns(50, 1.2 * kCarried);
  EXPECT_EQ(eu().first_limit, "link");
  EXPECT_NEAR(*eu().first_limit_at, 2, 1e-9);
}

}  // namespace
}  // namespace harness

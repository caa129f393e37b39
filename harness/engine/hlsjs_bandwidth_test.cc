#include "harness/engine/hlsjs_bandwidth.h"

#include <gtest/gtest.h>

namespace harness::hlsjs {
namespace {

using namespace base::literals;

double ms(base::Duration d) { return base::to_seconds(d) * 1e3; }

TEST(HlsJsBandwidth, AssumesBeforeItMeasures) {
  const Bandwidth bandwidth{500_kbps};
  EXPECT_EQ(bandwidth.estimate(), 500_kbps);
  EXPECT_FALSE(bandwidth.measured());
  EXPECT_EQ(bandwidth.first_byte(), 100ms);
}

TEST(HlsJsBandwidth, LeavesTheUsualWaitForTheFirstByteOut) {
  struct Row {
    base::Duration first_byte;  // of this download
    double mbps;                // 1 Mbit in (1.1 s - the lesser of first_byte and the 100 ms assumed)
  };
  for (const Row& row : {Row{100ms, 1.0}, Row{50ms, 1 / 1.05}, Row{600ms, 1.0}}) {
    Bandwidth bandwidth{500_kbps};
    bandwidth.add(125'000_B, 1100ms, row.first_byte);
    EXPECT_NEAR(static_cast<double>(bandwidth.estimate().bps()) / 1e6, row.mbps, 2e-6);
  }
}

TEST(HlsJsBandwidth, TakesTheFirstMeasuredWaitAsItIs) {
  Bandwidth bandwidth{500_kbps};
  bandwidth.add_first_byte(60ms);
  EXPECT_NEAR(ms(bandwidth.first_byte()), 60, 0.01);
}

// Weights sqrt(2) exp(-s^2 / 2): 1.4136 at 0.02 s, 0.1914 at 2 s; kept of the first by the second 0.5^(0.1914 / 9) = 0.98537, of nothing
// by the first 0.5^(1.4136 / 9) = 0.89685: (20 x 0.10315 x 0.98537 + 2000 x 0.01463) / (1 - 0.5^(1.605 / 9)) = 270.
TEST(HlsJsBandwidth, CountsALongWaitForLittle) {
  Bandwidth bandwidth{500_kbps};
  bandwidth.add_first_byte(20ms);
  bandwidth.add_first_byte(2s);
  EXPECT_NEAR(ms(bandwidth.first_byte()), 270, 2);
}

TEST(HlsJsBandwidth, NeverTakesAWaitForLessThanFiveMilliseconds) {
  Bandwidth bandwidth{500_kbps};
  bandwidth.add_first_byte(1ms);
  EXPECT_NEAR(ms(bandwidth.first_byte()), 5, 0.01);
}

}  // namespace
}  // namespace harness::hlsjs

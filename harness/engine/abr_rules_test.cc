#include <gtest/gtest.h>

#include "harness/engine/bola_rule.h"
#include "harness/engine/dynamic_rule.h"
#include "harness/engine/highest_within.h"
#include "harness/engine/throughput_rule.h"

namespace harness {
namespace {

using namespace base::literals;

const std::vector<base::Bitrate> kLadder{300_kbps, 1100_kbps, 2500_kbps, 5000_kbps};

AbrSnapshot snapshot(base::Bitrate estimate, base::Duration buffer = {}, std::size_t current = 0) {
  return {.ladder = kLadder,
          .current = current,
          .first_choice = false,
          .estimate = estimate,
          .buffer = buffer,
          .segment_duration = 2s,
          .buffer_target = 18s};
}

TEST(ThroughputRule, ChoosesTheHighestWithinTheSafeShare) {
  ThroughputRule rule{0.9};
  EXPECT_EQ(rule.choose(snapshot(2_Mbps)), 1u);
  EXPECT_EQ(rule.choose(snapshot(2700_kbps)), 1u);
  EXPECT_EQ(rule.choose(snapshot(2800_kbps)), 2u);
  EXPECT_EQ(rule.choose(snapshot(100_kbps)), 0u);
}

TEST(ThroughputRule, TakesThePriorAsItIs) {
  AbrSnapshot first = snapshot(2500_kbps);
  first.first_choice = true;
  EXPECT_EQ(ThroughputRule{0.9}.choose(first), 2u);
}

// Worked by hand: 4 rungs, B = 18, gp = ln(16.67) / 0.8 = 3.517, Vp = 2.843; the level at which two neighbours score alike is
// Vp (gp + (b_j u_i - b_i u_j) / (b_j - b_i)) with u = ln(b / b_0): 8.64, 12.0 and 15.1 s.
TEST(BolaRule, ClimbsWithTheBuffer) {
  EXPECT_EQ(BolaRule{0.9}.by_level(kLadder, 8.0, 18), 0u);
  EXPECT_EQ(BolaRule{0.9}.by_level(kLadder, 9.5, 18), 1u);
  EXPECT_EQ(BolaRule{0.9}.by_level(kLadder, 12.6, 18), 2u);
  EXPECT_EQ(BolaRule{0.9}.by_level(kLadder, 16.0, 18), 3u);
}

TEST(BolaRule, NeverFallsAsTheBufferGrows) {
  std::size_t last = 0;
  for (double level = 0; level < 40; level += 0.05) {
    const std::size_t choice = BolaRule{0.9}.by_level(kLadder, level, 18);
    ASSERT_GE(choice, last) << level;
    last = choice;
  }
  EXPECT_EQ(last, kLadder.size() - 1);
}

TEST(BolaRule, LetsThroughputDecideWhileTheBufferIsEmpty) { EXPECT_EQ(BolaRule{0.9}.choose(snapshot(3_Mbps, 1s)), 2u); }

TEST(BolaRule, DoesNotClimbBeyondWhatThroughputAllows) {
  EXPECT_EQ(BolaRule{0.9}.choose(snapshot(1300_kbps, 17s, 0)), 1u);
  EXPECT_EQ(BolaRule{0.9}.choose(snapshot(1300_kbps, 17s, 2)), 2u);
}

TEST(BolaRule, CopesWithOneRenditionAndWithEqualOnes) {
  EXPECT_EQ(BolaRule{0.9}.by_level({0_kbps}, 5, 18), 0u);
  EXPECT_EQ(BolaRule{0.9}.by_level({1_Mbps, 1_Mbps}, 5, 18), 1u);
}

// At 9 s of buffer BOLA alone would not take the top rung that throughput allows.
TEST(DynamicRule, FollowsThroughputUntilTheBufferIsLong) {
  DynamicRule rule{0.9};
  ASSERT_LT(BolaRule{0.9}.choose(snapshot(100_Mbps, 9s)), ThroughputRule{0.9}.choose(snapshot(100_Mbps, 9s)));
  EXPECT_EQ(rule.choose(snapshot(100_Mbps, 9s)), ThroughputRule{0.9}.choose(snapshot(100_Mbps, 9s)));
}

TEST(DynamicRule, KeepsTrustingALongBufferUntilItIsShort) {
  DynamicRule rule{0.9};
  rule.choose(snapshot(100_Mbps, 12s));
  EXPECT_EQ(rule.choose(snapshot(100_Mbps, 9s)), BolaRule{0.9}.choose(snapshot(100_Mbps, 9s)));
  EXPECT_EQ(rule.choose(snapshot(100_Mbps, 5s)), ThroughputRule{0.9}.choose(snapshot(100_Mbps, 5s)));
  EXPECT_EQ(rule.choose(snapshot(100_Mbps, 9s)), ThroughputRule{0.9}.choose(snapshot(100_Mbps, 9s)));
}

TEST(MakeAbrRule, GivesTheDevicesRule) {
  Device device;
  device.abr = AbrKind::kDynamic;
  EXPECT_NE(dynamic_cast<DynamicRule*>(make_abr_rule(device).get()), nullptr);
  device.abr = AbrKind::kBola;
  EXPECT_NE(dynamic_cast<BolaRule*>(make_abr_rule(device).get()), nullptr);
  device.abr = AbrKind::kThroughput;
  EXPECT_NE(dynamic_cast<ThroughputRule*>(make_abr_rule(device).get()), nullptr);
  for (const AbrKind kind : {AbrKind::kThroughputIbr, AbrKind::kBolaBasic, AbrKind::kBolaO, AbrKind::kBolaE, AbrKind::kBolaV4,
                             AbrKind::kRobustMpc, AbrKind::kL2a}) {
    device.abr = kind;
    EXPECT_NE(make_abr_rule(device), nullptr);
  }
}

}  // namespace
}  // namespace harness

#include "harness/run/feed_strikes.h"

namespace harness {
namespace {

using namespace generators;

// How bad it is; stated in docs/scenarios.md.
constexpr double kCollapsedBitrate = 0.1;
constexpr double kLostPictures = 0.3;
constexpr base::Duration kJump = std::chrono::seconds{5};

FeedCommand degradation(Degradation what, bool on) {
  switch (what) {
    case Degradation::kBitrate:
      return FeedBitrate{on ? kCollapsedBitrate : 1};
    case Degradation::kPacketLoss:
      return FeedLoss{on ? kLostPictures : 0};
    case Degradation::kFreeze:
      return FeedFreeze{on};
    case Degradation::kBlack:
      return FeedBlack{on};
    case Degradation::kSilence:
      return FeedSilence{on};
    case Degradation::kTimestamps:
      return FeedJump{on ? kJump : -kJump};
  }
  return FeedStart{};
}

}  // namespace

std::vector<FeedCommand> strike_of(const DrillPlan& drill) {
  switch (drill.inject) {
    case DrillKind::kContributionLoss:
    case DrillKind::kBothLost:
      if (drill.loss == LossManner::kStall) return {FeedStall{true}};
      return {FeedKill{}};
    case DrillKind::kContributionDegraded:
      return {degradation(drill.degradation, true)};
    case DrillKind::kEncoderRestart:
      return {FeedRestart{}};
    case DrillKind::kTokenExpiry:
      return {};
  }
  return {};
}

std::vector<FeedCommand> mending_of(const DrillPlan& drill) {
  switch (drill.inject) {
    case DrillKind::kContributionLoss:
    case DrillKind::kBothLost:
      if (drill.loss == LossManner::kStall) return {FeedStall{false}};
      return {FeedStart{}};
    case DrillKind::kContributionDegraded:
      return {degradation(drill.degradation, false)};
    case DrillKind::kEncoderRestart:
    case DrillKind::kTokenExpiry:
      return {};
  }
  return {};
}

}  // namespace harness

// The words that a scenario file uses for the enumerations of scenario.h: one table each, read and written by the same code.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "base/ensure.h"
#include "harness/scenario/scenario.h"

namespace harness {

template <class E>
struct EnumName {
  const char* name;
  E value;
};

// The alternatives of Distribution.
enum class DistributionWord { kFixed, kUniform, kExponential, kLognormal, kWeibull };

inline constexpr std::array<EnumName<StreamingProtocol>, 2> kProtocolNames{
    {{"hls", StreamingProtocol::kHls}, {"dash", StreamingProtocol::kDash}}};
inline constexpr std::array<EnumName<EngineKind>, 8> kEngineNames{{{"hls.js-1.7", EngineKind::kHlsJs},
                                                                   {"dash.js-5.2", EngineKind::kDashJs},
                                                                   {"shaka-5.2", EngineKind::kShaka},
                                                                   {"media3-1.11", EngineKind::kMedia3},
                                                                   {"avplayer", EngineKind::kAvPlayer},
                                                                   {"tv-mse", EngineKind::kTvMse},
                                                                   {"tv-native", EngineKind::kTvNative},
                                                                   {"custom", EngineKind::kCustom}}};
inline constexpr std::array<EnumName<AbrKind>, 10> kAbrNames{{{"throughput", AbrKind::kThroughput},
                                                              {"bola", AbrKind::kBola},
                                                              {"dynamic", AbrKind::kDynamic},
                                                              {"throughput-ibr", AbrKind::kThroughputIbr},
                                                              {"bola-basic", AbrKind::kBolaBasic},
                                                              {"bola-o", AbrKind::kBolaO},
                                                              {"bolae", AbrKind::kBolaE},
                                                              {"bola-v4", AbrKind::kBolaV4},
                                                              {"robust-mpc", AbrKind::kRobustMpc},
                                                              {"l2a", AbrKind::kL2a}}};
inline constexpr std::array<EnumName<ContentKind>, 2> kContentNames{{{"live", ContentKind::kLive}, {"vod", ContentKind::kVod}}};
inline constexpr std::array<EnumName<ArrivalShape>, 4> kShapeNames{{{"steady", ArrivalShape::kSteady},
                                                                    {"ramp", ArrivalShape::kRamp},
                                                                    {"burst", ArrivalShape::kBurst},
                                                                    {"poisson", ArrivalShape::kPoisson}}};
inline constexpr std::array<EnumName<DistributionWord>, 5> kDistributionNames{{{"fixed", DistributionWord::kFixed},
                                                                               {"uniform", DistributionWord::kUniform},
                                                                               {"exponential", DistributionWord::kExponential},
                                                                               {"lognormal", DistributionWord::kLognormal},
                                                                               {"weibull", DistributionWord::kWeibull}}};
inline constexpr std::array<EnumName<PathKind>, 3> kPathNames{
    {{"direct", PathKind::kDirect}, {"embed", PathKind::kEmbed}, {"authenticated", PathKind::kAuthenticated}}};
inline constexpr std::array<EnumName<CmcdSending>, 2> kCmcdSendingNames{{{"query", CmcdSending::kQuery}, {"header", CmcdSending::kHeader}}};
inline constexpr std::array<EnumName<DrillKind>, 5> kDrillNames{{{"token-expiry", DrillKind::kTokenExpiry},
                                                                 {"contribution-loss", DrillKind::kContributionLoss},
                                                                 {"contribution-degraded", DrillKind::kContributionDegraded},
                                                                 {"encoder-restart", DrillKind::kEncoderRestart},
                                                                 {"both-lost", DrillKind::kBothLost}}};
inline constexpr std::array<EnumName<ContributionProtocol>, 2> kContributionNames{
    {{"srt", ContributionProtocol::kSrt}, {"rtmp", ContributionProtocol::kRtmp}}};
// Of a feed's health, in the reference server's words; whether pictures come at all always counts.
inline constexpr std::array<std::string_view, 7> kAspectNames{"bitrate", "continuity", "timestamps", "freeze", "black", "silence", "skew"};
inline constexpr std::array<EnumName<FeedChoice>, 2> kFeedNames{{{"primary", FeedChoice::kPrimary}, {"backup", FeedChoice::kBackup}}};
inline constexpr std::array<EnumName<LossManner>, 3> kLossNames{
    {{"kill", LossManner::kKill}, {"stall", LossManner::kStall}, {"flap", LossManner::kFlap}}};
inline constexpr std::array<EnumName<Degradation>, 6> kDegradationNames{{{"bitrate", Degradation::kBitrate},
                                                                         {"packet-loss", Degradation::kPacketLoss},
                                                                         {"freeze", Degradation::kFreeze},
                                                                         {"black", Degradation::kBlack},
                                                                         {"silence", Degradation::kSilence},
                                                                         {"timestamps", Degradation::kTimestamps}}};
inline constexpr std::array<EnumName<TraceStart>, 3> kTraceStartNames{
    {{"session", TraceStart::kSession}, {"random", TraceStart::kRandom}, {"run", TraceStart::kRun}}};
inline constexpr std::array<EnumName<HttpVersion>, 2> kHttpNames{{{"1.1", HttpVersion::k11}, {"2", HttpVersion::k2}}};
inline constexpr std::array<EnumName<LinkChoice>, 4> kLinkChoiceNames{
    {{"auto", LinkChoice::kAuto}, {"kernel", LinkChoice::kKernel}, {"tun", LinkChoice::kTun}, {"none", LinkChoice::kNone}}};

template <class E, std::size_t N>
const char* name_in(const std::array<EnumName<E>, N>& names, E value) {
  for (const auto& each : names)
    if (each.value == value) return each.name;
  ENSURE(false);
}

template <class E, std::size_t N>
std::vector<std::string> all_names(const std::array<EnumName<E>, N>& names) {
  std::vector<std::string> out;
  for (const auto& each : names) out.emplace_back(each.name);
  return out;
}

}  // namespace harness

#include "netem/model/trace.h"

#include <gmock/gmock.h>

namespace netem {
namespace {

using base::Bitrate;
using testing::ElementsAre;
using testing::HasSubstr;
using namespace base::literals;

TEST(Trace, KnowsItsLengthAndMean) {
  const Trace trace{.steps = {{.lasts = 1s, .rate = 4_Mbps}, {.lasts = 3s, .rate = 0_Mbps}}};
  EXPECT_EQ(length_of(trace), 4s);
  EXPECT_EQ(mean_rate(trace), 1_Mbps);
  EXPECT_EQ(mean_rate(Trace{}), Bitrate{});
}

TEST(Trace, AveragesWithoutOverflow) {
  const Trace trace{.steps = {{.lasts = 24h * 7, .rate = Bitrate::bits_per_second(100'000'000'000)}}};
  EXPECT_EQ(mean_rate(trace), Bitrate::bits_per_second(100'000'000'000));
  EXPECT_TRUE(faults_of(trace).empty());
}

TEST(TraceFaults, TellEachStepsPath) {
  const Trace trace{.steps = {{.lasts = 0s, .rate = 1_Mbps},
                              {.lasts = 1s, .rate = Bitrate::bits_per_second(-1)},
                              {.lasts = 1s, .rate = Bitrate::bits_per_second(100'000'000'001)},
                              {.lasts = 1s, .rate = 1_Mbps, .rtt = -1ms},
                              {.lasts = 1s, .rate = 1_Mbps, .rtt = 3h},
                              {.lasts = 24h * 8, .rate = 1_Mbps}}};
  EXPECT_THAT(faults_of(trace), ElementsAre(HasSubstr("steps[0].duration: "), HasSubstr("steps[1].rate: "), HasSubstr("steps[2].rate: "),
                                            HasSubstr("steps[3].rtt: "), HasSubstr("steps[4].rtt: "), HasSubstr("steps[5].duration: ")));
}

TEST(TraceFaults, SeeTheWhole) {
  EXPECT_THAT(faults_of(Trace{}), ElementsAre(HasSubstr("there are none")));
  EXPECT_THAT(faults_of(Trace{.steps = {{.lasts = 1s}, {.lasts = 2s}}}), ElementsAre(HasSubstr("0 throughout")));
  EXPECT_THAT(faults_of(Trace{.steps = {{.lasts = 1s, .rate = Bitrate::bits_per_second(999)}}}), ElementsAre(HasSubstr("at least 1kbit")));
  EXPECT_THAT(faults_of(Trace{.steps = {2, {.lasts = 24h * 4, .rate = 1_Mbps}}}), ElementsAre(HasSubstr("7 days together")));
  EXPECT_THAT(faults_of(Trace{.steps = std::vector<TraceStep>(1'000'001, {.lasts = 1s, .rate = 1_Mbps})}),
              ElementsAre(HasSubstr("at most 1000000")));
}

TEST(TraceFaults, StopAtTwentySteps) { EXPECT_EQ(faults_of(Trace{.steps = std::vector<TraceStep>(1000)}).size(), 20u); }

}  // namespace
}  // namespace netem

// What a server with BBR does on the wire and knows of the path.
#include "harness/transport/tcp_bbr.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

#include "harness/transport/tcp_lab.h"

namespace harness {
namespace {

using namespace base::literals;
using Mode = TcpBbr::Mode;
using Direction = TcpPacket::Direction;

constexpr std::uint64_t kBbrSegment = kTcpSegmentSize;
constexpr base::ByteCount kDeepQueue = 4'000'000_B;
constexpr std::uint64_t kEndless = 1'000'000'000;

TcpLab bbr_lab(const netem::LinkSpec& link) {
  TcpLab lab{link, 1, CongestionControl::kBbr};
  lab.run_for(1s);
  return lab;
}

TcpLab busy_for(const netem::LinkSpec& link, base::Duration time) {
  TcpLab lab = bbr_lab(link);
  lab.serve(kEndless);
  lab.run_for(time);
  return lab;
}

const TcpBbr& bbr_of(const TcpLab& lab) { return *lab.server.sender().bbr(); }

double packets_per_second(const TcpLab& lab) { return static_cast<double>(bbr_of(lab).bandwidth()) / (1 << 24) * 1e6; }

double seconds_for(const netem::LinkSpec& link, CongestionControl control, std::uint64_t bytes) {
  TcpLab lab{link, 1, control};
  lab.run_for(1s);
  const base::Instant begin = lab.now;
  lab.serve(bytes);
  EXPECT_TRUE(lab.run_until_received(bytes));
  return base::to_seconds(lab.now - begin);
}

TEST(TcpBbr, SendsTheFirstFlightAtOnce) {
  TcpLab lab = bbr_lab(TcpLab::link(100_Mbps, 40ms, kDeepQueue));
  const base::Instant begin = lab.now;
  lab.serve(100 * kBbrSegment);
  EXPECT_EQ(lab.count(Direction::kDown, begin), 10u);
}

TEST(TcpBbr, SpreadsTheSecondFlightOverTheRoundTrip) {
  TcpLab lab = bbr_lab(TcpLab::link(100_Mbps, 40ms, kDeepQueue));
  const base::Instant begin = lab.now;
  lab.serve(100 * kBbrSegment);
  lab.run_for(79ms);
  base::Instant first{}, last{};
  for (const TcpLab::Logged& each : lab.log) {
    if (each.packet.direction != Direction::kDown || each.at < begin + 30ms) continue;
    if (first == base::Instant{}) first = each.at;
    last = each.at;
  }
  EXPECT_GT(last - first, 20ms) << "20 packets at 2.885 times 10 a round trip take 28 ms";
}

TEST(TcpBbr, FindsTheRateOfTheLink) {
  const TcpLab lab = busy_for(TcpLab::link(10_Mbps, 40ms, kDeepQueue), 2s);
  EXPECT_EQ(bbr_of(lab).mode(), Mode::kProbeBandwidth);
  EXPECT_NEAR(packets_per_second(lab), 10e6 / 8 / 1500, 10);
}

TEST(TcpBbr, KeepsADeepQueueShort) {
  const netem::LinkSpec link = TcpLab::link(10_Mbps, 40ms, kDeepQueue);
  EXPECT_LT(busy_for(link, 5s).server.sender().smoothed_rtt(), 60ms);
}

TEST(TcpBbr, ItsWindowIsTwiceWhatTheLinkHolds) {
  const TcpLab lab = busy_for(TcpLab::link(10_Mbps, 40ms, kDeepQueue), 3s);
  const double holds = 10e6 / 8 / 1500 * 0.041;
  EXPECT_GE(lab.server.sender().window(), 2 * holds);
  EXPECT_LE(lab.server.sender().window(), 2 * holds + 20) << "and bursts";
}

TEST(TcpBbr, LossesByChanceDoNotSlowItDown) {
  netem::LinkSpec link = TcpLab::link(10_Mbps, 100ms, kDeepQueue);
  link.down.loss = netem::RandomLoss{0.02};
  const double ideal = 5e6 * 8 / 10e6;
  EXPECT_LT(seconds_for(link, CongestionControl::kBbr, 5'000'000), 1.5 * ideal);
  EXPECT_GT(seconds_for(link, CongestionControl::kCubic, 5'000'000), 3 * ideal);
}

TEST(TcpBbr, FollowsALinkThatGrowsSlower) {
  auto trace = std::make_shared<netem::Trace>();
  trace->steps = {{.lasts = 4s, .rate = 10_Mbps}, {.lasts = 20s, .rate = 2_Mbps}};
  netem::LinkSpec link = TcpLab::link(10_Mbps, 40ms, kDeepQueue);
  link.down.rate = std::shared_ptr<const netem::Trace>{trace};
  TcpLab lab = busy_for(link, 2s);
  EXPECT_NEAR(packets_per_second(lab), 10e6 / 8 / 1500, 10);
  lab.run_for(9s);
  EXPECT_NEAR(packets_per_second(lab), 2e6 / 8 / 1500, 10) << "ten rounds of a full queue later";
}

TEST(TcpBbr, LooksForAShorterRoundTripAfterTenSeconds) {
  TcpLab lab = busy_for(TcpLab::link(10_Mbps, 40ms, kDeepQueue), 9s);
  bool probed = false;
  std::uint32_t least = 1000;
  for (int i = 0; i < 300 && !(probed && bbr_of(lab).mode() != Mode::kProbeRtt); ++i) {
    lab.run_for(10ms);
    if (bbr_of(lab).mode() != Mode::kProbeRtt) continue;
    probed = true;
    least = std::min(least, lab.server.sender().window());
  }
  EXPECT_TRUE(probed);
  EXPECT_EQ(least, 4u);
  EXPECT_EQ(bbr_of(lab).mode(), Mode::kProbeBandwidth) << "and goes on";
  EXPECT_GT(lab.server.sender().window(), 50u) << "as before";
}

TEST(TcpBbr, APauseCostsNothing) {
  TcpLab lab = bbr_lab(TcpLab::link(10_Mbps, 40ms, kDeepQueue));
  lab.serve(1'000'000);
  ASSERT_TRUE(lab.run_until_received(1'000'000));
  const std::uint32_t window = lab.server.sender().window();
  lab.run_for(5s);
  const base::Instant begin = lab.now;
  lab.serve(1'000'000);
  EXPECT_EQ(lab.server.sender().window(), window);
  ASSERT_TRUE(lab.run_until_received(2'000'000));
  EXPECT_NEAR(base::to_seconds(lab.now - begin), 1e6 * 8 / 10e6 + 0.02, 0.06) << "without slow start";
}

TEST(TcpBbr, ShortAnswersTellNothingOfTheRate) {
  TcpLab lab = bbr_lab(TcpLab::link(10_Mbps, 40ms, kDeepQueue));
  lab.serve(1'000'000);
  ASSERT_TRUE(lab.run_until_received(1'000'000));
  const double before = packets_per_second(lab);
  for (int i = 0; i < 20; ++i) {
    lab.serve(3000);
    lab.run_for(100ms);
  }
  EXPECT_EQ(packets_per_second(lab), before);
}

TEST(TcpBbr, RepairsASegmentThatIsLostThreeTimes) {
  TcpLab lab = bbr_lab(TcpLab::link(10_Mbps, 40ms, kDeepQueue));
  lab.loses = [left = 3](const TcpPacket& packet) mutable {
    return packet.direction == Direction::kDown && packet.segment.seq == 300 * kBbrSegment && left-- > 0;
  };
  lab.serve(2'000'000);
  ASSERT_TRUE(lab.run_until_received(2'000'000));
  EXPECT_EQ(lab.server.sender().timeouts(), 0u);
  EXPECT_EQ(lab.server.sender().retransmissions(), 3u);
}

}  // namespace
}  // namespace harness

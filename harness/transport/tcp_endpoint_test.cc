// What a connection does on the wire: the handshake, growth, losses and their repair, idle times.
#include "harness/transport/tcp_endpoint.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "harness/transport/tcp_lab.h"

namespace harness {
namespace {

using namespace base::literals;
using Direction = TcpPacket::Direction;

constexpr base::ByteCount kDeep = 4'000'000_B;
constexpr std::uint64_t kSegment = kTcpSegmentSize;

bool is_data(const TcpPacket& packet) { return packet.direction == Direction::kDown && packet.segment.length > 0; }

// Takes the `nth` data segment (from 1) off the wire, and copies of it for as often as is said.
std::function<bool(const TcpPacket&)> losing(std::uint64_t nth, int times = 1) {
  return [nth, times](const TcpPacket& packet) mutable {
    return is_data(packet) && packet.segment.seq == (nth - 1) * kSegment && times-- > 0;
  };
}

TcpLab connected(const netem::LinkSpec& link) {
  TcpLab lab{link};
  lab.run_for(1s);
  return lab;
}

// How often data was sent that had been sent before.
std::size_t resent(const TcpLab& lab) {
  std::size_t n = 0;
  std::uint64_t highest = 0;
  for (const TcpLab::Logged& each : lab.log) {
    if (!is_data(each.packet)) continue;
    const std::uint64_t end = each.packet.segment.seq + each.packet.segment.length;
    if (end <= highest) ++n;
    highest = std::max(highest, end);
  }
  return n;
}

// Segments since `from` that left neither as the first nor as the second of two.
std::size_t sent_alone(const TcpLab& lab, base::Instant from) {
  std::size_t n = 0;
  bool open = false;  // a burst waits for its end
  for (const TcpLab::Logged& each : lab.log) {
    if (!is_data(each.packet) || each.at < from) continue;
    const bool ends = each.packet.segment.has(TcpSegment::kPush);
    if (!ends && open) ++n;
    open = !ends;
  }
  return n;
}

TEST(TcpEndpoint, TheHandshakeTakesOneRoundTrip) {
  TcpLab lab{TcpLab::link(100_Mbps, 40ms, kDeep)};
  lab.run_for(39ms);
  EXPECT_FALSE(lab.client.is_established());
  lab.run_for(2ms);
  EXPECT_TRUE(lab.client.is_established());
}

TEST(TcpEndpoint, ALostSynIsRepeatedAfterASecond) {
  TcpLab lab{TcpLab::link(100_Mbps, 40ms, kDeep)};
  lab.loses = [lost = false](const TcpPacket& packet) mutable {
    return packet.direction == Direction::kDown && !std::exchange(lost, true);
  };
  lab.run_for(1s);
  EXPECT_FALSE(lab.client.is_established());
  lab.run_for(400ms);
  EXPECT_TRUE(lab.client.is_established());
}

TEST(TcpEndpoint, TheFirstFlightHasTenSegments) {
  TcpLab lab = connected(TcpLab::link(100_Mbps, 40ms, kDeep));
  const base::Instant begin = lab.now;
  lab.serve(100 * kSegment);
  lab.run_for(39ms);
  EXPECT_EQ(lab.count(Direction::kDown, begin), 10u);
}

TEST(TcpEndpoint, SlowStartDoublesTheFlightEachRoundTrip) {
  TcpLab lab = connected(TcpLab::link(100_Mbps, 40ms, kDeep));
  const base::Instant begin = lab.now;
  lab.serve(100 * kSegment);
  lab.run_for(60ms);
  EXPECT_EQ(lab.count(Direction::kDown, begin), 30u) << "10 and 20";
}

TEST(TcpEndpoint, ALongTransferFillsTheLink) {
  TcpLab lab = connected(TcpLab::link(4_Mbps, 40ms, kDeep));
  const base::Instant begin = lab.now;
  const std::uint64_t bytes = 5'000'000;
  lab.serve(bytes);
  ASSERT_TRUE(lab.run_until_received(bytes));
  const double ideal = static_cast<double>(bytes) * 8 / (4e6 * 1448 / 1500);
  EXPECT_NEAR(base::to_seconds(lab.now - begin) / ideal, 1, 0.01);
  EXPECT_EQ(lab.server.sender().retransmissions(), 0u);
}

TEST(TcpEndpoint, SlowStartEndsWhenTheQueueGrowsBeforeAnythingIsLost) {
  TcpLab lab = connected(TcpLab::link(4_Mbps, 40ms, kDeep));
  lab.serve(5'000'000);
  lab.run_for(500ms);
  EXPECT_GE(lab.server.sender().threshold(), 16u);
  EXPECT_LT(lab.server.sender().threshold(), 100u);
}

// Acknowledgements that jitter has pushed together come at one instant, and what each has resent is sent before the next is heard: a
// segment of a burst may then be the first to leave. (It was joined to what had left: the sanitizers' tests saw that.)
TEST(TcpEndpoint, RepairsLossesWhereJitterPushesAcknowledgementsTogether) {
  netem::LinkSpec link = TcpLab::link(20_Mbps, 40ms, kDeep);
  link.down.loss = netem::RandomLoss{0.02};
  link.up.jitter = {.deviation = 10ms, .correlation = 0.8};
  TcpLab lab = connected(link);
  lab.serve(2000 * kSegment);
  EXPECT_TRUE(lab.run_until_received(2000 * kSegment));
  EXPECT_GT(resent(lab), 20u);
}

TEST(TcpEndpoint, NothingIsSentBeyondThePeersWindow) {
  TcpLab lab = connected(TcpLab::link(100_Mbps, 200ms, kDeep));
  base::Random random{1};
  lab.loses = [&](const TcpPacket& packet) { return is_data(packet) && random.chance(0.001); };
  lab.serve(20'000'000);
  lab.run_for(5s);
  std::uint64_t edge = 0, highest = 0;
  for (const TcpLab::Logged& each : lab.log) {  // what the client has told is an upper bound of what the server knows
    const TcpSegment& segment = each.packet.segment;
    if (each.packet.direction == Direction::kUp) edge = std::max(edge, segment.ack + segment.window);
    highest = std::max(highest, segment.seq + segment.length);
    EXPECT_TRUE(!is_data(each.packet) || segment.seq + segment.length <= edge);
  }
  EXPECT_GT(highest, 1'000'000u);
}

TEST(TcpEndpoint, AWindowOpensBeyondItsFirstSizeForALongTransfer) {
  TcpLab lab = connected(TcpLab::link(20_Mbps, 100ms, kDeep));
  lab.serve(10'000'000);
  ASSERT_TRUE(lab.run_until_received(10'000'000));
  std::uint32_t widest = 0;
  for (const TcpLab::Logged& each : lab.log)
    if (each.packet.direction == Direction::kUp) widest = std::max(widest, each.packet.segment.window);
  EXPECT_GT(widest, 500'000u);
}

TEST(TcpEndpoint, ALossInTheMiddleIsRepairedWithinARoundTripOfBeingSeen) {
  TcpLab lab = connected(TcpLab::link(100_Mbps, 40ms, kDeep));
  lab.loses = losing(3);
  const base::Instant begin = lab.now;
  lab.serve(10 * kSegment);
  ASSERT_TRUE(lab.run_until_received(10 * kSegment));
  EXPECT_LT(lab.now - begin, 70ms);
  EXPECT_EQ(resent(lab), 1u);
  EXPECT_EQ(lab.server.sender().timeouts(), 0u);
}

TEST(TcpEndpoint, ALostTailComesBackByTheProbe) {
  TcpLab lab = connected(TcpLab::link(100_Mbps, 40ms, kDeep));
  lab.loses = [fourth = losing(4), fifth = losing(5)](const TcpPacket& packet) mutable { return fourth(packet) || fifth(packet); };
  const base::Instant begin = lab.now;
  lab.serve(5 * kSegment);
  ASSERT_TRUE(lab.run_until_received(5 * kSegment));
  EXPECT_EQ(lab.server.sender().timeouts(), 0u);
  EXPECT_GT(lab.now - begin, 120ms) << "two round trips after the acknowledgement of the others";
  EXPECT_LT(lab.now - begin, 220ms);
}

TEST(TcpEndpoint, SegmentsLeaveInPairsOfWhichTheSecondIsPushed) {
  TcpLab lab = connected(TcpLab::link(4_Mbps, 40ms, kDeep));
  lab.serve(10 * kSegment + 100);
  std::vector<bool> pushed;
  for (const TcpLab::Logged& each : lab.log)
    if (is_data(each.packet)) pushed.push_back(each.packet.segment.has(TcpSegment::kPush));
  EXPECT_EQ(pushed, (std::vector<bool>{false, true, false, true, false, true, false, true, false, true}));
}

TEST(TcpEndpoint, AProbeThatATimeoutFollowedReducesNothingAnyMore) {
  TcpLab lab = connected(TcpLab::link(10_Mbps, 40ms, kDeep));
  lab.loses = [](const TcpPacket& packet) { return is_data(packet); };
  lab.serve(10 * kSegment);
  lab.run_for(150ms);  // the probe is out and lost
  EXPECT_EQ(resent(lab), 1u);
  while (lab.server.sender().timeouts() == 0) lab.run_for(1ms);
  lab.loses = {};
  ASSERT_TRUE(lab.run_until_received(10 * kSegment));
  lab.run_for(50ms);
  const std::uint32_t threshold = lab.server.sender().threshold();
  lab.serve(2 * kSegment);
  lab.run_for(100ms);
  EXPECT_EQ(lab.server.sender().threshold(), threshold);
}

TEST(TcpEndpoint, TheProbeForALoneSegmentLeavesTimeForADelayedAcknowledgement) {
  TcpLab lab = connected(TcpLab::link(100_Mbps, 40ms, kDeep));
  lab.loses = losing(5);
  const base::Instant begin = lab.now;
  lab.serve(5 * kSegment);
  ASSERT_TRUE(lab.run_until_received(5 * kSegment));
  EXPECT_EQ(lab.server.sender().timeouts(), 0u);
  EXPECT_GT(lab.now - begin, 280ms);
}

TEST(TcpEndpoint, ALoneFlightThatIsLostWithItsProbeComesBackByTheTimeout) {
  TcpLab lab = connected(TcpLab::link(100_Mbps, 40ms, kDeep));
  lab.loses = [&, begin = lab.now](const TcpPacket& packet) { return is_data(packet) && lab.now < begin + 200ms; };
  const base::Instant begin = lab.now;
  lab.serve(4 * kSegment);
  ASSERT_TRUE(lab.run_until_received(4 * kSegment));
  EXPECT_GE(lab.server.sender().timeouts(), 1u);
  EXPECT_GT(lab.now - begin, 300ms);
}

TEST(TcpEndpoint, TimeoutsBackOff) {
  TcpLab lab = connected(TcpLab::link(100_Mbps, 40ms, kDeep));
  std::vector<base::Instant> sent;
  lab.loses = [&](const TcpPacket& packet) {
    if (is_data(packet)) sent.push_back(lab.now);
    return is_data(packet);
  };
  lab.serve(kSegment);
  lab.run_for(10s);
  ASSERT_GE(sent.size(), 5u);
  const auto gap = [&](std::size_t i) { return base::to_seconds(sent[i + 1] - sent[i]); };
  EXPECT_NEAR(gap(4) / gap(3), 2, 0.3) << "but for the coarseness of the timer wheel";
}

TEST(TcpEndpoint, ASpuriousTimeoutCostsNoWindow) {
  netem::LinkSpec link = TcpLab::link(10_Mbps, 40ms, kDeep);
  netem::Trace cliff{"cliff", {{1s, 10_Mbps, {}}, {60s, 20_kbps, {}}}};
  link.down.rate = std::make_shared<const netem::Trace>(std::move(cliff));
  TcpLab lab = connected(link);
  lab.serve(10 * kSegment);  // a segment takes 600 ms, the timeout comes after 240 ms
  ASSERT_TRUE(lab.run_until_received(10 * kSegment));
  EXPECT_GE(lab.server.sender().timeouts(), 1u);
  EXPECT_GE(lab.server.sender().window(), 10u);
  EXPECT_EQ(lab.server.sender().threshold(), TcpWindow::kNoThreshold);
}

TEST(TcpEndpoint, AnIdleConnectionStartsAgainFromTheInitialWindow) {
  TcpLab lab = connected(TcpLab::link(10_Mbps, 40ms, kDeep));
  lab.serve(1'000'000);
  ASSERT_TRUE(lab.run_until_received(1'000'000));
  lab.run_for(60s);
  ASSERT_GT(lab.server.sender().window(), 30u);
  const base::Instant begin = lab.now;
  lab.serve(1'000'000);
  lab.run_for(39ms);
  EXPECT_EQ(lab.count(Direction::kDown, begin), 10u);
}

TEST(TcpEndpoint, AShortPauseKeepsTheWindow) {
  TcpLab lab = connected(TcpLab::link(10_Mbps, 40ms, kDeep));
  lab.serve(1'000'000);
  ASSERT_TRUE(lab.run_until_received(1'000'000));
  lab.run_for(100ms);
  const base::Instant begin = lab.now;
  const std::uint32_t window = lab.server.sender().window();
  lab.serve(1'000'000);
  EXPECT_EQ(lab.count(Direction::kDown, begin), window);
}

TEST(TcpEndpoint, AFullQueueMakesASawtooth) {
  TcpLab lab = connected(TcpLab::link(4_Mbps, 40ms, 96'000_B));
  lab.serve(40'000'000);
  int teeth = 0;
  std::uint32_t peak = 0;
  for (int i = 0; i < 600; ++i) {
    lab.run_for(100ms);
    const std::uint32_t window = lab.server.sender().window();
    EXPECT_TRUE(i < 50 || window <= 85) << window << ", but 64 packets fit the queue and 13 are on the way";
    if (window < peak * 4 / 5) {
      ++teeth;
      peak = 0;
    }
    peak = std::max(peak, window);
  }
  EXPECT_GE(teeth, 3);
}

TEST(TcpEndpoint, LossesByAFullQueueDoNotIdleTheLink) {
  TcpLab lab = connected(TcpLab::link(4_Mbps, 40ms, 96'000_B));
  lab.serve(10'000'000);
  lab.run_for(1s);
  const std::uint64_t before = lab.client.received();
  lab.run_for(15s);
  const double goodput = static_cast<double>(lab.client.received() - before) * 8 / 15;
  EXPECT_GT(goodput, 0.93 * 4e6 * 1448 / 1500);
}

TEST(TcpEndpoint, AcknowledgesEverySecondSegmentOfALongTransfer) {
  TcpLab lab = connected(TcpLab::link(4_Mbps, 40ms, kDeep));
  lab.serve(40'000'000);
  lab.run_for(20s);  // until the window grows no more: that calls for acknowledgements too
  const base::Instant begin = lab.now;
  const std::uint64_t received = lab.client.received();
  lab.run_for(10s);
  const double segments = static_cast<double>(lab.client.received() - received) / kSegment;
  const double alone = static_cast<double>(sent_alone(lab, begin));  // each may call for one more
  const auto acknowledgements = static_cast<double>(lab.count(Direction::kUp, begin));
  EXPECT_GE(acknowledgements / segments, 0.48);
  EXPECT_LE((acknowledgements - alone) / segments, 0.5);
}

// What the link has doubled tells nothing of what was sent again (tcp_dsack_seen).
TEST(TcpEndpoint, DuplicatesOfTheLinkUndoNoRecovery) {
  netem::LinkSpec link = TcpLab::link(100_Mbps, 40ms, kDeep);
  link.down.duplicate = 1;
  TcpLab lab = connected(link);
  lab.loses = [third = losing(3), eighth = losing(8)](const TcpPacket& packet) mutable { return third(packet) || eighth(packet); };
  lab.serve(100 * kSegment);
  ASSERT_TRUE(lab.run_until_received(100 * kSegment));
  EXPECT_EQ(resent(lab), 2u);
  EXPECT_LT(lab.server.sender().threshold(), 10u);
}

// tcp_may_raise_cwnd.
TEST(TcpSender, OnceReorderingIsKnownWhatOvertakesWidensTheWindowToo) {
  base::Instant now{1000s};
  TcpSender sender{10};
  std::vector<TcpSegment> out;
  sender.on_established(now, 40ms, 1'000'000);
  sender.write(now, 1000 * kSegment);
  sender.transmit(now, out);
  const auto acknowledge = [&](std::uint64_t up_to, std::uint64_t sacked) {  // segments
    TcpSegment ack{.ack = up_to * kSegment, .window = 1'000'000, .stamp = 1, .echo = 1};
    if (sacked > 0) ack.sacks[ack.sack_count++] = {sacked * kSegment, (sacked + 1) * kSegment};
    sender.on_ack(now, ack, out);
    sender.transmit(now, out);
    return sender.window();
  };
  now += 30ms;
  EXPECT_EQ(acknowledge(0, 9), 10u);
  now += 2ms;
  const std::uint32_t known = acknowledge(10, 0);
  const std::uint64_t last = sender.next_seq() / kSegment - 1;
  now += 30ms;
  EXPECT_EQ(acknowledge(10, last), known + 1);
}

TEST(TcpEndpoint, EveryByteArrivesThroughHeavyLoss) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    TcpLab lab = connected(TcpLab::link(10_Mbps, 40ms, kDeep));
    base::Random random{seed};
    lab.loses = [&](const TcpPacket&) { return random.chance(0.1); };
    lab.serve(300'000);
    EXPECT_TRUE(lab.run_until_received(300'000)) << "seed " << seed;
    lab.run_for(60s);
    EXPECT_FALSE(lab.server.sender().has_unacknowledged()) << "seed " << seed;
  }
}

}  // namespace
}  // namespace harness

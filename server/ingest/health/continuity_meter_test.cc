#include "server/ingest/health/continuity_meter.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "server/ingest/health/meters_for_test.h"

namespace server {
namespace {

using TsBytes = std::vector<std::uint8_t>;

// Packets as they are added, and what the meter makes of them.
class TsScript {
 public:
  TsScript& packet(const TsPacketParts& parts) { return raw(ts_packet(parts)); }
  TsScript& run(int from, int count) {
    for (int i = from; i < from + count; ++i) packet({.counter = i, .fill = static_cast<std::uint8_t>(i + 2)});
    return *this;
  }
  TsScript& raw(const TsBytes& bytes) {
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
    return *this;
  }
  const TsBytes& bytes() const { return bytes_; }
  ContinuityCounts counts(std::size_t piece = 1316) const {
    ContinuityMeter meter;
    for (std::size_t i = 0; i < bytes_.size(); i += piece) meter.take(std::span{bytes_}.subspan(i, std::min(piece, bytes_.size() - i)));
    return meter.counts();
  }

 private:
  TsBytes bytes_;
};

TEST(ContinuityMeter, ErrorFreeStreamHasNoErrorsOverTheCountersWrap) {
  EXPECT_EQ(TsScript{}.run(0, 70).counts(), (ContinuityCounts{.packets = 70}));
}

TEST(ContinuityMeter, MissingPacketIsOneErrorWhateverIsMissing) {
  EXPECT_EQ(TsScript{}.run(0, 5).run(6, 5).counts().counter_errors, 1u);
  EXPECT_EQ(TsScript{}.run(0, 5).run(12, 5).counts().counter_errors, 1u);
}

TEST(ContinuityMeter, PacketMayBeSentTwiceButNotThrice) {
  const TsPacketParts again{.counter = 4, .fill = 6};
  EXPECT_EQ(TsScript{}.run(0, 5).packet(again).run(5, 3).counts().counter_errors, 0u);
  EXPECT_EQ(TsScript{}.run(0, 5).packet(again).packet(again).run(5, 3).counts().counter_errors, 1u);
}

TEST(ContinuityMeter, SameCounterWithOtherBytesIsALossOfFifteen) { EXPECT_EQ(TsScript{}.run(0, 5).run(20, 5).counts().counter_errors, 1u); }

TEST(ContinuityMeter, AdaptationAloneDoesNotCount) {
  const TsPacketParts clock_only{.counter = 4, .has_payload = false};
  EXPECT_EQ(TsScript{}.run(0, 5).packet(clock_only).packet(clock_only).run(5, 3).counts().counter_errors, 0u);
  EXPECT_EQ(TsScript{}.run(0, 5).packet({.counter = 5, .has_payload = false}).run(6, 3).counts().counter_errors, 1u);
}

TEST(ContinuityMeter, DiscontinuityIndicatorAllowsAJump) {
  EXPECT_EQ(TsScript{}.run(0, 5).packet({.counter = 11, .is_discontinuous = true}).run(12, 3).counts().counter_errors, 0u);
}

TEST(ContinuityMeter, NullPacketsHaveNoCounter) {
  TsScript script;
  for (const int counter : {3, 3, 9, 0, 1}) script.packet({.pid = 0x1FFF, .counter = counter});
  EXPECT_EQ(script.counts(), (ContinuityCounts{.packets = 5}));
}

TEST(ContinuityMeter, EachPidIsCountedByItself) {
  TsScript script;
  for (int i = 0; i < 20; ++i) script.packet({.pid = 256, .counter = i}).packet({.pid = 257, .counter = 3 * i, .is_discontinuous = true});
  EXPECT_EQ(script.counts().counter_errors, 0u);
}

TEST(ContinuityMeter, PacketMarkedAsBrokenIsAnErrorAndNotLookedInto) {
  const ContinuityCounts counts = TsScript{}.run(0, 5).packet({.counter = 9, .is_marked = true}).run(5, 3).counts();
  EXPECT_EQ(counts, (ContinuityCounts{.packets = 9, .marked_packets = 1}));
}

TEST(ContinuityMeter, GarbageIsSkippedToTheNextRowOfPackets) {
  TsBytes garbage(333, 0xAA);
  garbage[10] = garbage[100] = 0x47;  // begins no packet
  const ContinuityCounts counts = TsScript{}.run(0, 5).raw(garbage).run(5, 8).counts();
  EXPECT_EQ(counts, (ContinuityCounts{.packets = 13, .sync_losses = 1, .skipped_bytes = 333}));
}

TEST(ContinuityMeter, StreamThatBeginsInTheMiddleOfAPacketIsNoLoss) {
  const ContinuityCounts counts = TsScript{}.raw(TsBytes(50, 7)).run(0, 8).counts();
  EXPECT_EQ(counts, (ContinuityCounts{.packets = 8, .skipped_bytes = 50}));
}

TEST(ContinuityMeter, BytesThatAreNoTransportStreamAreNoPackets) {
  const ContinuityCounts counts = TsScript{}.raw(TsBytes(10'000, 0x55)).counts();
  EXPECT_EQ(counts, (ContinuityCounts{.skipped_bytes = 10'000}));
}

TEST(ContinuityMeter, CutsBetweenPiecesChangeNothing) {
  TsScript script;
  script.run(0, 20).raw(TsBytes(77, 0x47)).run(20, 9).packet({.counter = 3, .is_marked = true}).run(31, 40);
  const ContinuityCounts whole = script.counts(script.bytes().size());
  EXPECT_GT(whole.counter_errors, 0u);
  for (const std::size_t piece : {1, 2, 47, 187, 188, 189, 500, 1316, 5000}) EXPECT_EQ(script.counts(piece), whole) << piece;
}

TEST(ContinuityMeter, NextConnectionBeginsAfreshAndCountsGoOn) {
  ContinuityMeter meter;
  meter.take(TsScript{}.run(0, 5).raw(TsBytes(20, 0x47)).bytes());
  meter.reset();
  meter.take(TsScript{}.run(9, 5).bytes());
  EXPECT_EQ(meter.counts(), (ContinuityCounts{.packets = 10}));
}

}  // namespace
}  // namespace server

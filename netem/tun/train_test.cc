#include "netem/tun/train.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "netem/tun/test_frames.h"

namespace netem {
namespace {

using namespace base::literals;
using test::Bytes;
using Runs = std::vector<Run>;
constexpr base::Instant kStart{1s};

Fate delivered(base::Duration after) { return {.due = kStart + after}; }
Fate lost() { return {.kind = Fate::Kind::kLost}; }

Runs runs_of(const std::vector<Fate>& fates) {
  Runs runs;
  gather_runs(fates, 1ms, runs);
  return runs;
}

TEST(GatherRuns, SegmentsDueCloseTogetherLeaveWithTheLast) {
  EXPECT_EQ(runs_of({delivered(0us), delivered(400us), delivered(800us)}), (Runs{{kStart + 800us, {0, 3}}}));
}

TEST(GatherRuns, ATrainIsNoLongerThanAllowed) {
  EXPECT_EQ(runs_of({delivered(0us), delivered(600us), delivered(1200us), delivered(1800us)}),
            (Runs{{kStart + 600us, {0, 2}}, {kStart + 1800us, {2, 2}}}));
}

TEST(GatherRuns, ALossCutsTheTrain) {
  EXPECT_EQ(runs_of({lost(), delivered(0us), lost(), lost(), delivered(0us), delivered(0us)}), (Runs{{kStart, {1, 1}}, {kStart, {4, 2}}}));
}

TEST(GatherRuns, ASegmentThatOvertakesLeavesAlone) {
  EXPECT_EQ(runs_of({delivered(500us), delivered(100us)}), (Runs{{kStart + 500us, {0, 1}}, {kStart + 100us, {1, 1}}}));
}

TEST(GatherRuns, ADuplicateLeavesAlone) {
  Fate twice = delivered(0us);
  twice.again_at = kStart + 5ms;
  EXPECT_EQ(runs_of({twice, delivered(0us)}), (Runs{{kStart, {0, 2}}, {kStart + 5ms, {0, 1}}}));
}

TEST(GatherRuns, NothingIsLeftWhenAllIsLost) { EXPECT_TRUE(runs_of({lost(), lost()}).empty()); }

// The part of a train as the router writes it.
Bytes cut(const Bytes& frame, Part part) {
  const IpPacket packet = *parse_frame(frame);
  const PartHeaders headers = headers_of(frame, packet, part);
  const auto payload = payload_of(frame, packet, part);
  Bytes out(headers.bytes.begin(), headers.bytes.begin() + static_cast<std::ptrdiff_t>(headers.size));
  out.insert(out.end(), payload.begin(), payload.end());
  return out;
}

VirtioHeader about(const Bytes& frame) {
  VirtioHeader out;
  std::memcpy(&out, frame.data(), sizeof out);
  return out;
}
std::span<const std::uint8_t> ip_of(const Bytes& frame) { return std::span{frame}.subspan(sizeof(VirtioHeader)); }
std::uint8_t tcp_flags(const Bytes& frame) { return ip_of(frame)[20 + 13]; }
std::uint16_t id_of(const Bytes& frame) { return read16(ip_of(frame), 4); }
std::uint32_t sequence_of(const Bytes& frame) { return read32(ip_of(frame), 24); }

// As a receiver verifies them: each sum with its checksum in it is all ones. The TCP checksum is completed first, as the kernel
// does: the sum of everything from checksum_start on, the field with the pseudo-header's sum in it included, goes into the field.
void expect_right_checksums(const Bytes& frame) {
  const auto ip = ip_of(frame);
  EXPECT_EQ(InternetSum{}.add(ip.first(20)).folded(), 0xFFFF);
  Bytes tcp(ip.begin() + 20, ip.end());
  test::put16(tcp, 16, InternetSum{}.add(tcp).complement());
  const auto pseudo = InternetSum{}.add(ip.subspan(12, 8)).add_word(6).add_word(static_cast<std::uint16_t>(tcp.size())).folded();
  EXPECT_EQ(InternetSum{}.add_word(pseudo).add(tcp).folded(), 0xFFFF);
}

TEST(TrainPart, APieceOfSeveralSegmentsIsASmallerTrain) {
  const Bytes piece = cut(test::train_frame({}), {2, 3});
  EXPECT_EQ(about(piece).train_type, VirtioHeader::kTcp4Train);
  EXPECT_EQ(about(piece).segment_size, 1448);
  const auto packet = parse_frame(piece);
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->segments, 3u);
  EXPECT_EQ(sequence_of(piece), test::kFirstSequence + 2 * 1448);
}

TEST(TrainPart, ASingleSegmentIsNoTrain) {
  const Bytes piece = cut(test::train_frame({}), {6, 1});
  EXPECT_EQ(about(piece).train_type, VirtioHeader::kNoTrain);
  EXPECT_EQ(about(piece).segment_size, 0);
  EXPECT_EQ(about(piece).flags, VirtioHeader::kNeedsChecksum);
  EXPECT_EQ(ip_of(piece).size(), 52u + 10'000 - 6 * 1448);
}

TEST(TrainPart, FinAndPushStayWithTheLastSegment) {
  const Bytes frame = test::train_frame({.flags = 0x19});  // ACK, PSH, FIN
  EXPECT_EQ(tcp_flags(cut(frame, {0, 2})), 0x10);
  EXPECT_EQ(tcp_flags(cut(frame, {2, 4})), 0x10);
  EXPECT_EQ(tcp_flags(cut(frame, {6, 1})), 0x19);
}

TEST(TrainPart, WindowReducedStaysWithTheFirstSegment) {
  Bytes frame = test::train_frame({.flags = 0x90});  // CWR, ACK
  frame[1] |= VirtioHeader::kCongestion;
  const Bytes first = cut(frame, {0, 2}), rest = cut(frame, {2, 5});
  EXPECT_EQ(tcp_flags(first), 0x90);
  EXPECT_EQ(tcp_flags(rest), 0x10);
  EXPECT_EQ(about(first).train_type, VirtioHeader::kTcp4Train | VirtioHeader::kCongestion);
  EXPECT_EQ(about(rest).train_type, VirtioHeader::kTcp4Train);
}

// What is emitted of a random train under a random pattern of losses.
struct Emitted {
  Bytes payload{};
  std::vector<std::uint16_t> ids{};  // of each segment
};

Emitted emit(const Bytes& frame, const std::vector<Fate>& fates) {
  Emitted out;
  for (const Run& run : runs_of(fates)) {
    const Bytes piece = cut(frame, run.part);
    const auto packet = parse_frame(piece);
    EXPECT_TRUE(packet && (run.part.count == 1 || packet->segments == run.part.count));
    expect_right_checksums(piece);
    EXPECT_EQ(sequence_of(piece), test::kFirstSequence + run.part.first * about(frame).segment_size);
    const auto payload = ip_of(piece).subspan(parse_frame(frame)->headers);
    out.payload.insert(out.payload.end(), payload.begin(), payload.end());
    for (std::uint32_t i = 0; i < run.part.count; ++i) out.ids.push_back(static_cast<std::uint16_t>(id_of(piece) + i));
  }
  return out;
}

Emitted kept(const Bytes& frame, const std::vector<Fate>& fates) {
  Emitted out;
  const IpPacket packet = *parse_frame(frame);
  for (std::uint32_t i = 0; i < packet.segments; ++i) {
    if (fates[i].kind != Fate::Kind::kDelivered) continue;
    const auto payload = payload_of(frame, packet, {i, 1});
    out.payload.insert(out.payload.end(), payload.begin(), payload.end());
    out.ids.push_back(static_cast<std::uint16_t>(id_of(frame) + i));
  }
  return out;
}

test::TrainShape random_shape(base::Random& random) {
  const auto segment = static_cast<std::uint16_t>(1 + random.below(1448));
  return {.segment = segment, .payload = 1 + random.below(std::uint64_t{segment} * 40), .options = random.below(11) * 4};
}

TEST(TrainPart, WhatIsEmittedIsWhatWasKept) {
  base::Random random{5};
  for (int round = 0; round < 2'000; ++round) {
    const Bytes frame = test::train_frame(random_shape(random));
    std::vector<Fate> fates;
    base::Duration at{};
    const double loss = random.uniform();
    for (std::uint32_t i = 0; i < parse_frame(frame)->segments; ++i)
      fates.push_back(random.chance(loss) ? lost() : delivered(at += base::Duration{static_cast<std::int64_t>(random.below(400'000))}));
    const Emitted emitted = emit(frame, fates), expected = kept(frame, fates);
    ASSERT_EQ(emitted.payload, expected.payload);
    ASSERT_EQ(emitted.ids, expected.ids);
  }
}

}  // namespace
}  // namespace netem

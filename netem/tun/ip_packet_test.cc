#include "netem/tun/ip_packet.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "netem/tun/test_frames.h"

namespace netem {
namespace {

using test::Bytes;
constexpr std::size_t kIp = sizeof(VirtioHeader);  // where the IP header begins
constexpr std::size_t kTcp = kIp + 20;

TEST(ParseFrame, ADatagramIsOneSegmentOfItsWholeSize) {
  const auto packet = parse_frame(test::numbered_frame(0x0A400001, 0xC6120001, 7));
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->source, 0x0A400001u);
  EXPECT_EQ(packet->destination, 0xC6120001u);
  EXPECT_EQ(packet->segments, 1u);
  EXPECT_EQ(packet->size(), base::ByteCount::bytes(36));
  EXPECT_EQ(packet->size_of(0), packet->size());
}

TEST(ParseFrame, EachSegmentOfATrainHasItsOwnHeaders) {
  const auto packet = parse_frame(test::train_frame({.payload = 3000}));
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->segments, 3u);
  EXPECT_EQ(packet->size_of(0), base::ByteCount::bytes(1500));
  EXPECT_EQ(packet->size_of(1), base::ByteCount::bytes(1500));
  EXPECT_EQ(packet->size_of(2), base::ByteCount::bytes(52 + 104));
  EXPECT_EQ(packet->size(), base::ByteCount::bytes(1500 + 1500 + 156));
}

TEST(ParseFrame, ATrainOfAnExactMultipleHasNoEmptySegment) {
  EXPECT_EQ(parse_frame(test::train_frame({.payload = 2896}))->segments, 2u);
  EXPECT_EQ(parse_frame(test::train_frame({.payload = 2897}))->segments, 3u);
}

TEST(ParseFrame, APayloadBelowTheSegmentSizeIsOneSegment) {
  EXPECT_EQ(parse_frame(test::train_frame({.payload = 100}))->segments, 1u);
  EXPECT_EQ(parse_frame(test::train_frame({.payload = 0}))->segments, 1u);
}

// Changes one thing about a good train.
struct Damage {
  const char* what;
  void (*apply)(Bytes& frame);
};

class MalformedFrame : public testing::TestWithParam<Damage> {};

TEST_P(MalformedFrame, IsRefused) {
  Bytes frame = test::train_frame({.payload = 3000});
  ASSERT_TRUE(parse_frame(frame));
  GetParam().apply(frame);
  EXPECT_FALSE(parse_frame(frame)) << GetParam().what;
}

const Damage kDamages[] = {
    {"nothing at all", [](Bytes& frame) { frame.clear(); }},
    {"half a VirtioHeader", [](Bytes& frame) { frame.resize(5); }},
    {"half an IP header", [](Bytes& frame) { frame.resize(kIp + 19); }},
    {"IPv6", [](Bytes& frame) { frame[kIp] = 0x65; }},
    {"an IP header of 16 bytes", [](Bytes& frame) { frame[kIp] = 0x44; }},
    {"a length that is not the packet's", [](Bytes& frame) { test::put16(frame, kIp + 2, 4000); }},
    {"a packet cut short", [](Bytes& frame) { frame.pop_back(); }},
    {"segments of no bytes", [](Bytes& frame) { std::memset(frame.data() + 4, 0, 2); }},
    {"a train of UDP", [](Bytes& frame) { frame[kIp + 9] = 17; }},
    {"a train of IPv6 segments", [](Bytes& frame) { frame[1] = 4; }},
    {"a train that is a fragment", [](Bytes& frame) { test::put16(frame, kIp + 6, 0x2000); }},
    {"a train without the checksum left to us", [](Bytes& frame) { frame[0] = 0; }},
    {"a checksum elsewhere", [](Bytes& frame) { frame[6] = 22; }},
    {"a TCP header of 16 bytes", [](Bytes& frame) { frame[kTcp + 12] = 0x40; }},
    {"an IP header past the end",
     [](Bytes& frame) {
       frame.resize(kIp + 24);
       frame[kIp] = 0x4F;
       test::put16(frame, kIp + 2, 24);
     }},
    {"a TCP header past the end",
     [](Bytes& frame) {
       frame.resize(kTcp + 30);
       test::put16(frame, kIp + 2, 50);
     }},
};
INSTANTIATE_TEST_SUITE_P(Kinds, MalformedFrame, testing::ValuesIn(kDamages));

TEST(ParseFrame, AChecksumOutsideOfTheDatagramIsRefused) {
  Bytes frame = test::numbered_frame(1, 2, 3);
  const VirtioHeader about{.flags = VirtioHeader::kNeedsChecksum, .checksum_start = 20, .checksum_at = 15};
  std::memcpy(frame.data(), &about, sizeof about);
  EXPECT_FALSE(parse_frame(frame));
}

TEST(ParseFrame, ReadsNothingOutsideOfNoise) {
  base::Random random{11};
  for (int round = 0; round < 200'000; ++round) {
    Bytes frame = test::train_frame({.payload = random.below(200)});  // 62 bytes of headers
    for (int i = 0; i < 4; ++i) frame[random.below(62)] = static_cast<std::uint8_t>(random.next());
    frame.resize(random.below(frame.size() + 1));
    frame.shrink_to_fit();
    if (const auto packet = parse_frame(frame)) {
      ASSERT_EQ(packet->headers + packet->payload + sizeof(VirtioHeader), frame.size());
    }
  }
}

}  // namespace
}  // namespace netem

#include "netem/kernel/htb_message.h"

#include <gtest/gtest.h>

#include "netem/kernel/message_hex.h"

namespace netem {
namespace {

using namespace base::literals;

constexpr int kDevice = 7;
constexpr Ipv4 kAddress = 0x0A400203;  // 10.64.2.3

std::string options_of(const TrafficMessage& message, std::string_view kind) { return hex_of(options_in(message.bytes(), kind)); }
std::string place_of(const TrafficMessage& message) { return hex_of(message.bytes().subspan(16, 20)); }

TEST(HtbMessage, TakesTheEthernetHeaderOffAllLengths) {
  // TCA_HTB_INIT: version 3, rate2quantum 10, no default class. TCA_STAB with an overhead of -14 (f2ffffff) and no table.
  EXPECT_EQ(options_of(htb_root_request(kDevice), "htb"),
            "1c000200 18000200 03000000 0a000000 00000000 00000000 00000000 "
            "20000800 1c000100 00000000 f2ffffff 00000000 00000000 00000000 00000000");
}

TEST(HtbMessage, GivesAClassItsRate) {
  // Twice 1,000,000 byte/s (f4240); bursts of 10 ms are 156,251 ticks (2625b); quantum 1500 (5dc).
  EXPECT_EQ(options_of(htb_class_request(HtbVerb::kMake, kDevice, {.minor = 9, .rate = 8_Mbps}), "htb"),
            "34000200 30000100 00010000 00000000 40420f00 00010000 00000000 40420f00 5b620200 5b620200 dc050000 00000000 00000000");
}

TEST(HtbMessage, WritesAnUnlimitedRateIn64Bits) {
  // 125,000,000,000 byte/s (1d1a94a200) as RATE64 and CEIL64.
  EXPECT_EQ(options_of(htb_class_request(HtbVerb::kMake, kDevice, {.minor = 9}), "htb"),
            "4c000200 30000100 00010000 00000000 ffffffff 00010000 00000000 ffffffff 5b620200 5b620200 dc050000 00000000 00000000 "
            "0c000600 00a2941a 1d000000 0c000700 00a2941a 1d000000");
}

TEST(HtbMessage, LetsAPlayerOfABottleneckBorrowAll) {
  const TrafficMessage message = htb_class_request(HtbVerb::kMake, kDevice, {.minor = 9, .parent = 3});
  EXPECT_EQ(place_of(message), "00000000 07000000 09000100 03000100 00000000");  // 1:9 under 1:3
  EXPECT_EQ(options_of(message, "htb"),
            "40000200 30000100 00010000 00000000 08000000 00010000 00000000 ffffffff 01000000 5b620200 dc050000 00000000 00000000 "
            "0c000700 00a2941a 1d000000");
}

TEST(HtbMessage, NeverWritesARateOfNothing) {
  const auto slow = [](base::Bitrate rate) {
    return options_of(htb_class_request(HtbVerb::kMake, kDevice, {.minor = 9, .rate = rate}), "htb");
  };
  EXPECT_EQ(slow(0_Mbps), slow(8_kbps));
  EXPECT_NE(slow(9_kbps), slow(8_kbps));
}

TEST(HtbMessage, MakesTablesOf256Buckets) {
  EXPECT_EQ(place_of(first_table_request(kDevice)), "00000000 07000000 00001000 00000100 08000100");  // handle 001:, priority 1, IPv4
  EXPECT_EQ(options_of(first_table_request(kDevice), "u32"), "0c000200 08000400 00010000");
  EXPECT_EQ(place_of(second_table_request(kDevice, kAddress)), "00000000 07000000 00002010 00000100 08000100");  // 102: for .2.
}

TEST(HtbMessage, LeadsAPacketByTheThirdByteOfItsAddress) {
  // Link to 001:; hash the bits 0000ff00 of what stands at byte 16, the destination; a key that matches everything.
  EXPECT_EQ(options_of(first_table_link(kDevice, AddressField::kDestination), "u32"),
            "30000200 08000300 00001000 24000500 00000100 00000000 00001000 0000ff00 00000000 00000000 10000000 00000000");
}

TEST(HtbMessage, LeadsAPacketOnByTheFourthByte) {
  // From bucket 001:02 to 102:; hash the bits 000000ff.
  EXPECT_EQ(options_of(second_table_link(kDevice, AddressField::kDestination, kAddress), "u32"),
            "38000200 08000200 00201000 08000300 00002010 24000500 00000100 00000000 00001000 000000ff 00000000 00000000 10000000 "
            "00000000");
}

TEST(HtbMessage, MatchesAPlayersWholeAddress) {
  // In bucket 102:03, to class 1:9, terminal; 10.64.2.3 under ffffffff at byte 12, the source.
  EXPECT_EQ(options_of(player_filter_request(kDevice, AddressField::kSource, kAddress, 9), "u32"),
            "38000200 08000200 00302010 08000100 09000100 24000500 01000100 00000000 00000000 00000000 ffffffff 0a400203 0c000000 "
            "00000000");
}

TEST(HtbMessage, RemovesTheFilterThatItMade) {
  EXPECT_EQ(place_of(player_filter_removal(kDevice, kAddress)),
            place_of(player_filter_request(kDevice, AddressField::kSource, kAddress, 9)));
}

}  // namespace
}  // namespace netem

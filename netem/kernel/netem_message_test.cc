#include "netem/kernel/netem_message.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <map>
#include <vector>

#include "base/units.h"
#include "netem/kernel/message_hex.h"
#include "netem/kernel/normal_table.h"

namespace netem {
namespace {

using namespace base::literals;
using namespace std::string_literals;

// Attributes that say "none".
const std::string kNoDelay = "0c000a00 00000000 00000000 ";
const std::string kNoJitter = "0c000b00 00000000 00000000 ";
const std::string kNoCorrelation = "10000100 00000000 00000000 00000000 ";
const std::string kNoReorder = "0c000300 00000000 00000000 ";
const std::string kNoCorruption = "0c000400 00000000 00000000 ";
const std::string kNoRate = "14000600 00000000 00000000 00000000 00000000 ";
const std::string kNoSlot = "2c000c00 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000";

struct Golden {
  const char* name;
  NetemSettings settings;
  std::string bytes;  // of TCA_OPTIONS, without the delay table
};

// Each begins with struct tc_netem_qopt: latency and jitter in ticks of 64 ns, limit, loss, gap, duplicate. Little-endian.
std::vector<Golden> goldens() {
  return {
      {"nothing but the default limit of 1000 (3e8)",
       {},
       "00000000 e8030000 00000000 00000000 00000000 00000000 " + kNoDelay + kNoJitter + kNoCorrelation + kNoReorder + kNoCorruption +
           kNoRate + kNoSlot},
      {"20 ms: 312,500 ticks (4c4b4), 20,000,000 ns (1312d00)",
       {.delay = 20ms},
       "b4c40400 e8030000 00000000 00000000 00000000 00000000 0c000a00 002d3101 00000000 " + kNoJitter + kNoCorrelation + kNoReorder +
           kNoCorruption + kNoRate + kNoSlot},
      {"1500 ns, which is 23 ticks and a rest that only the 64 bits hold",
       {.delay = 1500ns},
       "17000000 e8030000 00000000 00000000 00000000 00000000 0c000a00 dc050000 00000000 " + kNoJitter + kNoCorrelation + kNoReorder +
           kNoCorruption + kNoRate + kNoSlot},
      {"five minutes: more ticks than 32 bits hold",
       {.delay = 300s},
       "ffffffff e8030000 00000000 00000000 00000000 00000000 0c000a00 00b864d9 45000000 " + kNoJitter + kNoCorrelation + kNoReorder +
           kNoCorruption + kNoRate + kNoSlot},
      {"50 ms with a deviation of 5 ms (4c4b40)",
       {.delay = 50ms, .deviation = 5ms},
       "c2eb0b00 e8030000 00000000 00000000 00000000 2d310100 0c000a00 80f0fa02 00000000 0c000b00 404b4c00 00000000 " + kNoCorrelation +
           kNoReorder + kNoCorruption + kNoRate + kNoSlot},
      {"1 % of 2^32-1 lost (28f5c29)",
       {.loss = RandomLoss{0.01}},
       "00000000 e8030000 295c8f02 00000000 00000000 00000000 " + kNoDelay + kNoJitter + kNoCorrelation + kNoReorder + kNoCorruption +
           kNoRate + kNoSlot},
      {"everything lost",
       {.loss = RandomLoss{1}},
       "00000000 e8030000 ffffffff 00000000 00000000 00000000 " + kNoDelay + kNoJitter + kNoCorrelation + kNoReorder + kNoCorruption +
           kNoRate + kNoSlot},
      {"bursts: p 1 %, r 10 %, all lost in the bad state is h = 0, none in the good one is k1 = 0",
       {.loss = BurstLoss{.to_bad = 0.01, .to_good = 0.1}},
       "00000000 e8030000 00000000 00000000 00000000 00000000 " + kNoDelay + kNoJitter + kNoCorrelation + kNoReorder + kNoCorruption +
           kNoRate + "18000500 14000200 295c8f02 9a999919 00000000 00000000 " + kNoSlot},
      {"bursts that lose 60 %, so h = 40 %, and 0.1 % between them",
       {.loss = BurstLoss{.to_bad = 0.02, .to_good = 0.5, .loss_in_bad = 0.6, .loss_in_good = 0.001}},
       "00000000 e8030000 00000000 00000000 00000000 00000000 " + kNoDelay + kNoJitter + kNoCorrelation + kNoReorder + kNoCorruption +
           kNoRate + "18000500 14000200 52b81e05 00000080 66666666 37894100 " + kNoSlot},
      {"2 % duplicated",
       {.duplicate = 0.02},
       "00000000 e8030000 00000000 00000000 52b81e05 00000000 " + kNoDelay + kNoJitter + kNoCorrelation + kNoReorder + kNoCorruption +
           kNoRate + kNoSlot},
      {"a quarter overtakes: gap 1 and the probability",
       {.delay = 10ms, .reorder = 0.25},
       "5a620200 e8030000 00000000 01000000 00000000 00000000 0c000a00 80969800 00000000 " + kNoJitter + kNoCorrelation +
           "0c000300 00000040 00000000 " + kNoCorruption + kNoRate + kNoSlot},
      {"5 Mbit/s is 625,000 byte/s (98968); a limit of 73 packets",
       {.rate = 625'000, .limit = 73},
       "00000000 49000000 00000000 00000000 00000000 00000000 " + kNoDelay + kNoJitter + kNoCorrelation + kNoReorder + kNoCorruption +
           "14000600 68890900 00000000 00000000 00000000 " + kNoSlot},
      {"2^32-1 byte/s, the most that 32 bits hold",
       {.rate = 4'294'967'295},
       "00000000 e8030000 00000000 00000000 00000000 00000000 " + kNoDelay + kNoJitter + kNoCorrelation + kNoReorder + kNoCorruption +
           "14000600 ffffffff 00000000 00000000 00000000 " + kNoSlot},
      {"40 Gbit/s is 5,000,000,000 byte/s (12a05f200), in RATE64",
       {.rate = 5'000'000'000},
       "00000000 e8030000 00000000 00000000 00000000 00000000 " + kNoDelay + kNoJitter + kNoCorrelation + kNoReorder + kNoCorruption +
           "14000600 ffffffff 00000000 00000000 00000000 0c000800 00f2052a 01000000 " + kNoSlot},
      {"held: slots an hour (34630b8a000 ns) apart, of one packet",
       {.held = true},
       "00000000 e8030000 00000000 00000000 00000000 00000000 " + kNoDelay + kNoJitter + kNoCorrelation + kNoReorder + kNoCorruption +
           kNoRate + "2c000c00 00a0b830 46030000 00a0b830 46030000 01000000 00000000 00000000 00000000 00000000 00000000"},
  };
}

constexpr TrafficPlace kPlace{.device = 7, .parent = 0x00010007, .handle = 0x00070000};

TrafficMessage request(const NetemSettings& settings) { return netem_request(NetemVerb::kMake, kPlace, settings); }

// The attributes nested in TCA_OPTIONS behind struct tc_netem_qopt, by type.
std::map<int, std::vector<std::uint8_t>> attributes_in(const TrafficMessage& message) {
  std::span<const std::uint8_t> rest = options_in(message.bytes(), "netem").subspan(4 + sizeof(tc_netem_qopt));
  std::map<int, std::vector<std::uint8_t>> out;
  while (rest.size() >= 4) {
    const std::size_t length = rest[0] | rest[1] << 8;
    out[rest[2] | (rest[3] & 0x3f) << 8].assign(rest.begin() + 4, rest.begin() + static_cast<std::ptrdiff_t>(length));
    rest = rest.subspan(std::min(rest.size(), (length + 3) / 4 * 4));
  }
  return out;
}

template <class Value>
Value value_at(std::span<const std::uint8_t> bytes, std::size_t offset = 0) {
  Value out{};
  std::memcpy(&out, bytes.data() + offset, sizeof out);
  return out;
}

TEST(NetemMessage, HasTheBytesOfTheKernelsHeader) {
  for (const Golden& golden : goldens()) {
    SCOPED_TRACE(golden.name);
    std::string bytes = hex_of(options_in(request(golden.settings).bytes(), "netem").subspan(4));
    const std::size_t table = bytes.find("04200200 ");
    if (table != std::string::npos) bytes.erase(table, (4 + 2 * kNormalTableSize) / 4 * 9);
    EXPECT_EQ(bytes, golden.bytes);
  }
}

TEST(NetemMessage, NamesThePlaceAndTheKind) {
  // Length 204, RTM_NEWQDISC (36), request | create | exclusive, no number, no port; family, device 7, handle 7:0, parent 1:7, info;
  // TCA_KIND "netem"; TCA_OPTIONS, 156 long.
  EXPECT_EQ(hex_of(request({.delay = 20ms}).bytes()).substr(0, 12 * 9 + 8),
            "cc000000 24000106 00000000 00000000 00000000 07000000 00000700 07000100 00000000 0a000100 6e657465 6d000000 9c000200");
}

TEST(NetemMessage, ChangesOnlyWhatIsThere) {
  const TrafficMessage change = netem_request(NetemVerb::kChange, kPlace, {});
  EXPECT_EQ(nlmsg_hdr(change.get())->nlmsg_flags, NLM_F_REQUEST);
}

TEST(NetemMessage, ReadsBackAsItWasMeant) {
  for (const Golden& golden : goldens()) {
    SCOPED_TRACE(golden.name);
    const TrafficMessage message = request(golden.settings);
    const auto options = value_at<tc_netem_qopt>(options_in(message.bytes(), "netem"), 4);
    const auto attributes = attributes_in(message);
    EXPECT_EQ(value_at<std::int64_t>(attributes.at(TCA_NETEM_LATENCY64)), golden.settings.delay.count());
    EXPECT_EQ(value_at<std::int64_t>(attributes.at(TCA_NETEM_JITTER64)), golden.settings.deviation.count());
    EXPECT_EQ(options.limit, golden.settings.limit);
    EXPECT_NEAR(options.duplicate / 4294967295.0, golden.settings.duplicate, 1e-9);
    EXPECT_NEAR(value_at<tc_netem_reorder>(attributes.at(TCA_NETEM_REORDER)).probability / 4294967295.0, golden.settings.reorder, 1e-9);
    const auto rate64 = attributes.find(TCA_NETEM_RATE64);
    EXPECT_EQ(
        rate64 == attributes.end() ? value_at<tc_netem_rate>(attributes.at(TCA_NETEM_RATE)).rate : value_at<std::uint64_t>(rate64->second),
        golden.settings.rate);
    EXPECT_EQ(attributes.contains(TCA_NETEM_DELAY_DIST), golden.settings.deviation > 0s);
    EXPECT_EQ(value_at<tc_netem_slot>(attributes.at(TCA_NETEM_SLOT)).min_delay > 0, golden.settings.held);
    EXPECT_EQ(attributes.contains(TCA_NETEM_LOSS), std::holds_alternative<BurstLoss>(golden.settings.loss));
  }
}

// A change keeps what it is not told (loss excepted).
TEST(NetemMessage, LeavesNothingToTheQdiscsMemory) {
  const auto attributes = attributes_in(netem_request(NetemVerb::kChange, kPlace, {}));
  for (const int each :
       {TCA_NETEM_LATENCY64, TCA_NETEM_JITTER64, TCA_NETEM_CORR, TCA_NETEM_REORDER, TCA_NETEM_CORRUPT, TCA_NETEM_RATE, TCA_NETEM_SLOT})
    EXPECT_TRUE(attributes.contains(each)) << each;
}

TEST(NetemMessage, CarriesTheNormalTableWithJitter) {
  const auto attributes = attributes_in(request({.deviation = 5ms}));
  const NormalTable table = value_at<NormalTable>(attributes.at(TCA_NETEM_DELAY_DIST));
  EXPECT_EQ(table, normal_table());
}

TEST(NormalTable, HasNoMeanAndUnitDeviation) {
  double sum = 0, squares = 0;
  for (const double value : normal_table()) {
    sum += value / NETEM_DIST_SCALE;
    squares += value / NETEM_DIST_SCALE * value / NETEM_DIST_SCALE;
  }
  EXPECT_NEAR(sum / kNormalTableSize, 0, 1e-4);
  EXPECT_NEAR(std::sqrt(squares / kNormalTableSize), 1, 2e-3);
}

TEST(NormalTable, AscendsThroughTheKnownQuantiles) {
  const NormalTable table = normal_table();
  EXPECT_TRUE(std::is_sorted(table.begin(), table.end()));
  EXPECT_NEAR(table[3446] / 8192.0, 1.0, 0.002);  // 84.13 % lie below one deviation
  EXPECT_NEAR(table[93] / 8192.0, -2.0, 0.004);   // 2.275 % below minus two
}

TEST(NetemProbability, SpansThe32Bits) {
  EXPECT_EQ(to_netem_probability(0), 0U);
  EXPECT_EQ(to_netem_probability(0.5), 0x8000'0000U);
  EXPECT_EQ(to_netem_probability(1), 0xFFFF'FFFFU);
}

}  // namespace
}  // namespace netem

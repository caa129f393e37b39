// A load as the file gives it, and in virtual time.
#include "tests/fidelity/tcp/load.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "tests/fidelity/lab/file_of_text.h"
#include "tests/fidelity/tcp/virtual_load.h"

namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

fidelity::Load read(const std::string& text) { return fidelity::read_text("load", text, fidelity::read_load); }

std::string refusal(const std::string& text) {
  return fidelity::refusal_of([&] { read(text); });
}

fidelity::TraceLink link(base::ByteCount queue) {
  fidelity::TraceLink out{.name = "test", .rtt = 40ms, .queue = queue};
  out.link.down = {.rate = base::Bitrate::bits_per_second(4'000'000), .delay = 20ms, .queue = queue};
  out.link.up = {.rate = base::Bitrate::bits_per_second(4'000'000), .delay = 20ms, .queue = queue};
  return out;
}

const char* const kTwo = R"({"chains": [{"start_ms": 0, "gap_ms": 5, "bytes": [20000, 30000], "at_ms": [0, 900]},
                                        {"start_ms": 100, "gap_ms": 5, "bytes": [400000]}]})";

TEST(Load, ReadsChains) {
  const fidelity::Load load = read(kTwo);
  ASSERT_EQ(load.chains.size(), 2u);
  EXPECT_EQ(load.chains[0].bytes, (std::vector<std::int64_t>{20'000, 30'000}));
  EXPECT_EQ(load.chains[0].at, (std::vector<base::Duration>{0ms, 900ms}));
  EXPECT_EQ(load.chains[1].starts, 100ms);
}

TEST(Load, NamesTheFieldThatIsWrong) {
  EXPECT_THAT(refusal(R"({"chains": [{"start_ms": 0, "gap_ms": 5, "bytes": [1, 0]}]})"), HasSubstr("chains[0].bytes"));
  EXPECT_THAT(refusal(R"({"chains": [{"start_ms": -1, "gap_ms": 5, "bytes": [1]}]})"), HasSubstr("start_ms"));
  EXPECT_THAT(refusal(R"({"chains": [{"start_ms": 0, "gap_ms": 5, "bytes": [1, 1], "at_ms": [0]}]})"), HasSubstr("at_ms"));
}

TEST(VirtualLoad, DownloadsEachFileAtItsTime) {
  const base::Json out = fidelity::run_in_virtual_time(read(kTwo), link(base::ByteCount::bytes(4'000'000)), {}, nullptr);
  ASSERT_EQ(out["downloads"].size(), 3u);
  EXPECT_EQ(out["down"]["drops"], 0);
  for (const base::Json& each : out["downloads"]) {
    EXPECT_LT(each["first_byte_ms"], each["end_ms"]);
    if (each["chain"] == 0 && each["n"] == 1) {
      EXPECT_NEAR(each["start_ms"].get<double>(), 900, 1e-6);
    }
  }
}

TEST(VirtualLoad, ListsWhatASmallQueueDrops) {
  std::ostringstream packets;
  const base::Json out = fidelity::run_in_virtual_time(read(kTwo), link(base::ByteCount::bytes(15'000)), {}, &packets);
  EXPECT_GT(out["down"]["drops"], 0);
  EXPECT_THAT(packets.str(), HasSubstr("DROP"));
}

}  // namespace

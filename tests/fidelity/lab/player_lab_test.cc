// The lab with curl in the player's place.
#include "tests/fidelity/lab/player_lab.h"

#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/steady_timeline.h"
#include "tests/fidelity/lab/link_report.h"
#include "tests/integration/lab_privilege.h"

namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;
using base::Bitrate;
using fidelity::PlayerLab;

constexpr std::int64_t kBytes = 100'000;

fidelity::TraceLink link_of(std::vector<netem::TraceStep> steps, base::Duration rtt) {
  constexpr auto kQueue = base::ByteCount::bytes(4'000'000);
  fidelity::TraceLink out{.name = "test", .rtt = rtt, .queue = kQueue};
  out.link.down = {.rate = std::make_shared<const netem::Trace>(netem::Trace{.name = "test", .steps = std::move(steps)}),
                   .delay = rtt / 2,
                   .queue = kQueue};
  out.link.up = {.rate = Bitrate::bits_per_second(5'000'000), .delay = rtt / 2, .queue = kQueue};
  return out;
}

class FidelityLab : public integration::NeedsTun {
 protected:
  void SetUp() override {
    NeedsTun::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    folder_ = testing::TempDir() + "fidelity-lab-" + std::to_string(getpid());
    fs::create_directories(folder_ + "/content");
    fs::create_directories(folder_ + "/work");
    std::ofstream{folder_ + "/content/file"} << std::string(kBytes, 'x');
  }
  void TearDown() override {
    if (!folder_.empty()) fs::remove_all(folder_);
  }
  PlayerLab lab(fidelity::TraceLink link) {
    return PlayerLab{{.link = std::move(link), .content = folder_ + "/content", .work = folder_ + "/work"}};
  }
  std::string received() const { return folder_ + "/received"; }
  std::vector<std::string> fetch(const std::string& path = "file") const {
    return {"curl", "-sf", "-o", received(), std::string{"http://"} + netem::kServerAddress + "/" + path};
  }

  std::string folder_;
};

TEST_F(FidelityLab, ServesTheFolderThroughTheLink) {
  PlayerLab one = lab(link_of({{.lasts = 10s, .rate = Bitrate::bits_per_second(20'000'000)}}, 20ms));
  ASSERT_EQ(one.run(fetch(), -1, 30s), 0);
  EXPECT_EQ(fs::file_size(received()), static_cast<std::uintmax_t>(kBytes));
  EXPECT_GE(one.read().link.down.bytes_delivered.count(), kBytes);
}

// An outage of 300 ms begins with the trace, long after the lab was made.
TEST_F(FidelityLab, StartsTheTraceWithTheFirstConnection) {
  PlayerLab one = lab(link_of({{.lasts = 300ms, .rate = Bitrate{}}, {.lasts = 100s, .rate = Bitrate::bits_per_second(20'000'000)}}, 20ms));
  ASSERT_EQ(one.run({"true"}, -1, 30s), 0);
  EXPECT_FALSE(one.read().trace_start);
  const base::Instant began = base::steady_now();
  ASSERT_EQ(one.run(fetch(), -1, 30s), 0);
  const base::Instant ended = base::steady_now();
  const auto start = one.read().trace_start;
  ASSERT_TRUE(start);
  EXPECT_GE(*start, began);
  EXPECT_GE(ended - *start, 300ms);
}

TEST_F(FidelityLab, KeepsTheTraceRunningForLaterConnections) {
  PlayerLab one = lab(link_of({{.lasts = 10s, .rate = Bitrate::bits_per_second(20'000'000)}}, 20ms));
  ASSERT_EQ(one.run(fetch(), -1, 30s), 0);
  const auto first = one.read().trace_start;
  ASSERT_EQ(one.run(fetch(), -1, 30s), 0);
  EXPECT_EQ(one.read().trace_start, first);
}

TEST_F(FidelityLab, TellsTheStatusOfTheCommand) {
  PlayerLab one = lab(link_of({{.lasts = 10s, .rate = Bitrate::bits_per_second(20'000'000)}}, 20ms));
  EXPECT_EQ(one.run(fetch("missing"), -1, 30s), 22);  // curl: HTTP error
}

TEST_F(FidelityLab, StopsTheCommandWhenTold) {
  PlayerLab one = lab(link_of({{.lasts = 10s, .rate = Bitrate::bits_per_second(20'000'000)}}, 20ms));
  const netem::Descriptor told{eventfd(1, EFD_CLOEXEC)};
  EXPECT_EQ(one.run({"sleep", "60"}, told.get(), 30s), std::nullopt);
}

TEST_F(FidelityLab, ReportsTheClockOfTheTrace) {
  const fidelity::TraceLink link = link_of({{.lasts = 10s, .rate = Bitrate::bits_per_second(20'000'000)}}, 20ms);
  PlayerLab one = lab(link);
  EXPECT_FALSE(fidelity::link_report(link, one.read()).contains("trace_start_monotonic_ms"));
  ASSERT_EQ(one.run(fetch(), -1, 30s), 0);
  const base::Json report = fidelity::link_report(link, one.read());
  EXPECT_DOUBLE_EQ(report["trace_start_monotonic_ms"].get<double>(), base::to_milliseconds(one.read().trace_start->time_since_epoch()));
  EXPECT_EQ(report["down"]["drops"], 0);
}

}  // namespace

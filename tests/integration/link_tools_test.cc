// The user-space router as the field's own tools see it: ping and iperf3 inside the lab. Tolerances: round trip within 0.5 ms (median),
// loss within three standard deviations, UDP rate within 1 %, TCP goodput within 3 % of what 1,448 of 1,500 bytes carry.
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/json_reader.h"
#include "base/subprocess.h"
#include "netem/links/link_lab.h"
#include "tests/integration/lab_privilege.h"

namespace {

using namespace std::chrono_literals;
using base::Bitrate;
using base::ViewerId;

constexpr ViewerId kPlayer{0};
constexpr double kPayloadShare = 1448.0 / 1500;

class LinkTools : public integration::NeedsTun {
 protected:
  void SetUp() override {
    NeedsTun::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    if (probe_is_unprivileged()) GTEST_SKIP() << "ping needs root for intervals below 0.2 s";
    lab_ = std::make_unique<netem::LinkLab>(netem::LinkLab::Options{});
  }
  static bool probe_is_unprivileged() { return integration::probe().in_user_namespace; }

  void plug(const netem::LinkSpec& link) { lab_->plug({.viewer = kPlayer, .link = link, .origin = base::steady_now(), .seed = 11}); }

  // Runs a tool on the player's side to its end and returns what it wrote.
  std::string run(std::vector<std::string> command, base::Duration patience = 60s) {
    const std::string file = testing::TempDir() + "link-tools-" + std::to_string(getpid());
    std::filesystem::remove(file);
    base::Subprocess tool{
        lab_->players(kPlayer).run([&] { return base::Subprocess{{.command = std::move(command), .output_file = file}}; })};
    pollfd ended{static_cast<int>(syscall(SYS_pidfd_open, tool.pid(), 0)), POLLIN, 0};
    EXPECT_EQ(poll(&ended, 1, static_cast<int>(patience / 1ms)), 1) << "the tool did not end";
    close(ended.fd);
    EXPECT_EQ(tool.stop(), 0);
    std::ifstream in{file};
    std::stringstream text;
    text << in.rdbuf();
    std::filesystem::remove(file);
    return text.str();
  }

  // iperf3 towards the player, against a server of its own that serves one test.
  base::Json iperf3(std::vector<std::string> options) {
    const base::Subprocess server{lab_->servers().run([] {
      return base::Subprocess{{.command = {"iperf3", "-s", "-1", "-B", netem::kServerAddress}, .output_file = ""}};
    })};
    // It listens a moment after it has been started, and the client tries once.
    std::vector<std::string> command{"sh", "-c", "for i in $(seq 100); do \"$@\" && exit; done; exit 1", "sh"};
    for (const char* each : {"iperf3", "-J", "-R", "-c", netem::kServerAddress, "-B"}) command.emplace_back(each);
    command.push_back(lab_->source_address(kPlayer));
    command.insert(command.end(), options.begin(), options.end());
    const std::string text = run(std::move(command));
    return *base::parse_json(text.substr(text.rfind("{\n\t\"start\"")));
  }

  std::unique_ptr<netem::LinkLab> lab_;
};

std::vector<double> times_of(const std::string& ping) {
  std::vector<double> out;
  for (std::size_t at = 0; (at = ping.find("time=", at)) != std::string::npos; at += 5) out.push_back(std::stod(ping.substr(at + 5)));
  std::sort(out.begin(), out.end());
  return out;
}

netem::LinkSpec delayed(base::Duration each_way) { return {.down = {.delay = each_way}, .up = {.delay = each_way}}; }

TEST_F(LinkTools, PingSeesTheRoundTrip) {
  plug(delayed(25ms));
  // Others may have the processor for a while; if it is the link that is late, it is so each time.
  double median = 0;
  for (int attempt = 0; attempt < 5 && std::abs(median - 50.0) > 0.5; ++attempt) {
    const std::vector<double> times =
        times_of(run({"ping", "-n", "-c", "200", "-i", "0.01", "-I", lab_->source_address(kPlayer), netem::kServerAddress}));
    ASSERT_EQ(times.size(), 200u);
    EXPECT_GE(times.front(), 50.0);
    median = times[times.size() / 2];
  }
  EXPECT_NEAR(median, 50.0, 0.5);
}

TEST_F(LinkTools, PingMissesWhatTheLinkLoses) {
  netem::LinkSpec link = delayed(2ms);
  link.down.loss = netem::RandomLoss{0.02};
  plug(link);
  constexpr double kCount = 1500;
  const double answered = static_cast<double>(
      times_of(run({"ping", "-n", "-c", "1500", "-i", "0.002", "-W", "1", "-I", lab_->source_address(kPlayer), netem::kServerAddress}))
          .size());
  EXPECT_NEAR(kCount - answered, kCount * 0.02, 3 * std::sqrt(kCount * 0.02 * 0.98));
}

TEST_F(LinkTools, Iperf3SeesTheRateOverTcp) {
  netem::LinkSpec link = delayed(10ms);
  link.down.rate = Bitrate::bits_per_second(20'000'000);
  plug(link);
  const base::Json result = iperf3({"-t", "4", "-O", "1"});
  EXPECT_NEAR(result["end"]["sum_received"]["bits_per_second"].get<double>() / (20e6 * kPayloadShare), 1, 0.03);
}

TEST_F(LinkTools, Iperf3SeesTheRateOverUdp) {
  netem::LinkSpec link = delayed(10ms);
  link.down.rate = Bitrate::bits_per_second(10'000'000);
  plug(link);
  const base::Json result = iperf3({"-u", "-b", "20M", "-l", "1400", "-t", "4", "-O", "1"});
  double bytes = 0, seconds = 0;  // of the intervals that were full from their beginning
  for (const base::Json& interval : result["intervals"]) {
    if (interval["sum"]["omitted"].get<bool>()) continue;
    bytes += interval["sum"]["bytes"].get<double>();
    seconds += interval["sum"]["seconds"].get<double>();
  }
  EXPECT_NEAR(bytes * 8 / seconds / (10e6 * 1400 / 1428), 1, 0.01);
}

}  // namespace

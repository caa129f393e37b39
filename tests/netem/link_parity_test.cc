// One set of links on both backends, side by side: the user-space router on this machine, the kernel's netem inside user-mode-linux.
// Each figure has to be what the specification says, on both, within the same tolerance; the table is printed.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cmath>
#include <cstdio>
#include <map>
#include <sstream>

namespace {

struct Output {
  int status = -1;
  std::string text{};
};

Output output_of(const std::string& command) {
  FILE* pipe = popen(command.c_str(), "r");
  Output out;
  for (int c = 0; pipe != nullptr && (c = fgetc(pipe)) != EOF;) out.text += static_cast<char>(c);
  const int status = pipe == nullptr ? -1 : pclose(pipe);
  out.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return out;
}

std::map<std::string, double> figures_of(const std::string& text) {
  std::map<std::string, double> out;
  std::istringstream lines{text};
  std::string name;
  double value = 0;
  while (lines >> name >> value) out[name] = value;
  return out;
}

struct Wanted {
  const char* name;
  double value;
  double tolerance;
};

// Four standard deviations for what is drawn by chance (the kernel takes no seed); user-mode-linux has a clock of 10 ms, so its round trips
// are held to 1.5 ms and its bins to 2 %, at 2 Mbit/s to 3 % (a packet of 1,500 bytes is 0.6 % of the bin).
std::vector<Wanted> wanted() {
  const double share = 0.01 / (0.01 + 0.1), bursts = 10'000 * 0.01 * (1 - share);
  return {{"round-trip-ms", 30, 1.5},
          {"random-loss", 0.02, 4 * std::sqrt(0.02 * 0.98 / 10'000)},
          {"burst-loss", share, 4 * share / std::sqrt(bursts) * std::sqrt(2.0)},  // the number of bursts and their lengths both vary
          {"burst-count", bursts, 4 * std::sqrt(bursts)},
          {"udp-mbit", 5, 5 * 0.02},
          {"tcp-goodput-mbit", 5 * 1448.0 / 1500, 5 * 0.03},
          {"trace-bin-0-mbit", 4, 4 * 0.02},
          {"trace-bin-1-mbit", 8, 8 * 0.02},
          {"trace-bin-2-mbit", 2, 2 * 0.03}};
}

bool is_met(const Wanted& wanted, double value) { return std::abs(value - wanted.value) <= wanted.tolerance; }

struct Measured {
  Output last;
  std::map<std::string, double> figures;
};

// A figure that is off is measured again, twice at the most: others may have had the processor. What a link does wrongly it does each time.
Measured measured(const std::string& command) {
  Measured out;
  for (int i = 0; i < 3; ++i) {
    out.last = output_of(command);
    if (out.last.status != 0) return out;
    bool all_met = true;
    const auto anew = figures_of(out.last.text);
    for (const Wanted& each : wanted()) {
      const auto had = out.figures.find(each.name);
      const auto now = anew.find(each.name);
      if (now != anew.end() && (had == out.figures.end() || !is_met(each, had->second))) out.figures[each.name] = now->second;
      all_met &= out.figures.contains(each.name) && is_met(each, out.figures.at(each.name));
    }
    if (all_met) break;
  }
  return out;
}

TEST(LinkParity, BothBackendsDoWhatTheSpecificationSays) {
  const Measured kernel = measured(std::string{IN_UML} + " " + LINK_PARITY + " kernel");
  if (kernel.last.status == 77) GTEST_SKIP() << "user-mode-linux does not start here; ci/in-uml says why";
  ASSERT_EQ(kernel.last.status, 0) << kernel.last.text;
  const Measured router = measured(std::string{LINK_PARITY} + " tun");
  ASSERT_EQ(router.last.status, 0) << router.last.text;
  fmt::print("{:20} {:>12} {:>12} {:>12} {:>12}\n", "", "specified", "tun", "kernel", "tolerance");
  for (const auto& [name, value, tolerance] : wanted()) {
    ASSERT_TRUE(kernel.figures.contains(name) && router.figures.contains(name)) << name;
    const double by_router = router.figures.at(name), by_kernel = kernel.figures.at(name);
    fmt::print("{:20} {:12.4f} {:12.4f} {:12.4f} {:12.4f}\n", name, value, by_router, by_kernel, tolerance);
    EXPECT_NEAR(by_router, value, tolerance) << name << " by the user-space router";
    EXPECT_NEAR(by_kernel, value, tolerance) << name << " by the kernel";
  }
}

}  // namespace

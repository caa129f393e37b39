#include "harness/app/generate_trace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

namespace harness {
namespace {

using testing::HasSubstr;

// `rehearse generate trace` with a file of its own, which goes with it.
class GenerateTraceTest : public testing::Test {
 protected:
  ~GenerateTraceTest() override { std::filesystem::remove(out_); }

  // What it says, on standard output or in the refusal.
  std::string said(std::vector<std::string> options, const std::string& out) {
    TraceArguments arguments;
    CLI::App app;
    add_trace(app, arguments);
    options.insert(options.begin(), {"trace", "--out", out});
    std::reverse(options.begin(), options.end());  // as CLI11 takes them
    testing::internal::CaptureStdout();
    std::string refusal;
    try {
      app.parse(options);
      generate_trace(arguments);
    } catch (const std::exception& failure) {
      refusal = failure.what();
    }
    return testing::internal::GetCapturedStdout() + refusal;
  }
  std::string said(const std::vector<std::string>& options) { return said(options, out_); }

  const std::string out_ =
      testing::TempDir() + std::to_string(getpid()) + "-" + testing::UnitTest::GetInstance()->current_test_info()->name() + ".trace";
};

TEST_F(GenerateTraceTest, RefusesOptionsOfOtherModels) {
  EXPECT_THAT(said({"--mean", "4mbit", "--model", "ar1", "--dwell", "10s"}), HasSubstr("--dwell: is for markov and step; ar1 has no use"));
  EXPECT_THAT(said({"--mean", "4mbit", "--outage", "3s"}), HasSubstr("--outage: is for outage; markov has no use"));
  EXPECT_FALSE(std::filesystem::exists(out_));
  EXPECT_THAT(said({"--mean", "4mbit", "--model", "step", "--dwell", "10s", "--variation", "0.2"}), HasSubstr("wrote "));
}

TEST_F(GenerateTraceTest, ConvertsWithoutOptionsThatShape) {
  for (const char* option : {"--rtt", "--duration", "--seed", "--step", "--mean", "--model", "--dwell", "--variation"})
    EXPECT_THAT(said({"--from", "any.json", option, "1"}), HasSubstr("excludes --from")) << option;
}

TEST_F(GenerateTraceTest, SaysWhatAConversionLoses) {
  EXPECT_THAT(said({"--mean", "4mbit", "--rtt", "60ms"}), HasSubstr("wrote "));
  const std::string converted = out_ + ".converted";
  EXPECT_THAT(said({"--from", out_, "--format", "pensieve"}, converted), HasSubstr("its round trips are not in it"));
  EXPECT_THAT(said({"--from", out_, "--format", "sabre"}, converted), testing::Not(HasSubstr("round trips")));
  std::filesystem::remove(converted);
}

TEST_F(GenerateTraceTest, RefusesASeedBelowZero) {
  EXPECT_THAT(said({"--mean", "4mbit", "--seed", "-1"}), HasSubstr("-1 is not a whole number"));
}

}  // namespace
}  // namespace harness

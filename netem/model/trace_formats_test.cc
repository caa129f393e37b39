#include "netem/model/trace_formats.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>

#include "base/errors.h"
#include "base/random.h"
#include "netem/model/rate_schedule.h"

namespace netem {
namespace {

using base::Bitrate;
using base::ByteCount;
using base::Instant;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;
using Format = TraceFormat;
using namespace base::literals;

constexpr TraceFormat kFormats[] = {Format::kRehearsal, Format::kSabre, Format::kPensieve, Format::kMahimahi};

// What a reader says about bad text, every problem on a line of its own.
std::string refusal(std::string_view text, TraceFormat format) {
  try {
    read_trace(text, "bad.trace", format);
  } catch (const base::InvalidInput& failure) {
    return failure.what();
  }
  return "accepted";
}

// Without round trips and the name, and with equal neighbours merged: what pensieve can say.
Trace bare(const Trace& trace) {
  Trace out;
  for (const TraceStep& step : trace.steps) {
    if (!out.steps.empty() && out.steps.back().rate == step.rate)
      out.steps.back().lasts += step.lasts;
    else
      out.steps.push_back({.lasts = step.lasts, .rate = step.rate});
  }
  return out;
}

Trace drive() {
  return {.name = "drive",
          .steps = {{.lasts = 1013ms, .rate = 4_Mbps, .rtt = 60ms},
                    {.lasts = 1500us, .rate = Bitrate::bits_per_second(1'234'567), .rtt = 61500us},
                    {.lasts = 5s, .rate = 0_Mbps},
                    {.lasts = base::Duration{1'000'000'002}, .rate = 80_kbps}}};
}

Trace random_trace(std::uint64_t seed) {
  base::Random random{seed};
  Trace trace{.name = "random"};
  for (std::uint64_t n = 1 + random.below(50), i = 0; i < n; ++i)
    trace.steps.push_back({.lasts = base::Duration{static_cast<std::int64_t>(2 + 2 * random.below(2'000'000'000))},
                           .rate = Bitrate::bits_per_second(static_cast<std::int64_t>(10'000 + random.below(9'000'000)))});
  return trace;
}

TEST(TraceFormats, ReadTheRehearsalFormat) {
  const Trace trace = read_trace(R"({ // a walk
    "name": "lte", "steps": [{"duration": "1s", "rate": "4mbit", "rtt": "60ms"}, {"duration": "1m30s", "rate": "0bit"}]})",
                                 "dir/file.json", Format::kRehearsal);
  EXPECT_EQ(trace, (Trace{.name = "lte", .steps = {{.lasts = 1s, .rate = 4_Mbps, .rtt = 60ms}, {.lasts = 90s, .rate = 0_Mbps}}}));
}

TEST(TraceFormats, ReadTheSabreFormat) {
  const Trace trace = read_trace(R"([{"duration_ms": 1013, "bandwidth_kbps": 1285, "latency_ms": 100},
    {"duration_ms": 0.5, "bandwidth_kbps": 0.25, "latency_ms": 0}])",
                                 "dir/bus.json", Format::kSabre);
  EXPECT_EQ(
      trace,
      (Trace{.name = "bus",
             .steps = {{.lasts = 1013ms, .rate = 1285_kbps, .rtt = 100ms}, {.lasts = 500us, .rate = Bitrate::bits_per_second(250)}}}));
}

TEST(TraceFormats, ReadThePensieveFormat) {
  const Trace trace = read_trace("0 1.5\n2.5\t0\r\n3e0   4.000001", "norway", Format::kPensieve);
  EXPECT_EQ(trace, (Trace{.name = "norway",
                          .steps = {{.lasts = 2500ms, .rate = 1500_kbps},
                                    {.lasts = 500ms, .rate = 0_Mbps},
                                    {.lasts = 500ms, .rate = Bitrate::bits_per_second(4'000'001)}}}));
}

TEST(TraceFormats, ReadTheMahimahiFormat) {
  const Trace trace = read_trace("0\n1\n1\n100\r\n101\n350\n", "att.down", Format::kMahimahi);
  EXPECT_EQ(trace, (Trace{.name = "att",
                          .steps = {{.lasts = 100ms, .rate = 480_kbps},
                                    {.lasts = 100ms, .rate = 120_kbps},
                                    {.lasts = 100ms, .rate = 0_Mbps},
                                    {.lasts = 50ms, .rate = 240_kbps}}}));
}

TEST(TraceFormats, AverageAMahimahiFileToItsChancesPerLength) {
  std::string text;
  for (int ms = 1; ms <= 60'000; ++ms)
    if (ms % 3 == 0 || ms == 60'000) text += std::to_string(ms) + "\n";
  EXPECT_EQ(mean_rate(read_trace(text, "thirds", Format::kMahimahi)), 4_Mbps);  // 20,000 x 12,000 bits a minute
}

TEST(TraceFormats, KeepEverythingInTheRehearsalFormat) {
  EXPECT_EQ(read_trace(write_trace(drive(), Format::kRehearsal), "x", Format::kRehearsal), drive());
}

TEST(TraceFormats, KeepAllButTheNameInTheSabreFormat) {
  EXPECT_EQ(read_trace(write_trace(drive(), Format::kSabre), "drive.json", Format::kSabre), drive());
}

TEST(TraceFormats, KeepTheRatesInThePensieveFormat) {
  EXPECT_EQ(bare(read_trace(write_trace(drive(), Format::kPensieve), "x", Format::kPensieve)), bare(drive()));
}

TEST(TraceFormats, KeepASingleStepInThePensieveFormat) {
  const Trace one{.steps = {{.lasts = 10s, .rate = 3_Mbps}}};
  EXPECT_EQ(write_trace(one, Format::kPensieve), "0 3\n5 3\n");
  EXPECT_EQ(bare(read_trace("0 3\n5 3\n", "x", Format::kPensieve)), bare(one));
}

TEST(TraceFormats, ConvertIntoEachOtherAndBack) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    const Trace trace = random_trace(seed);
    for (const Format first : {Format::kRehearsal, Format::kSabre, Format::kPensieve})
      for (const Format second : {Format::kRehearsal, Format::kSabre, Format::kPensieve}) {
        const Trace once = read_trace(write_trace(trace, first), "x", first);
        const Trace twice = read_trace(write_trace(once, second), "x", second);
        ASSERT_EQ(bare(twice), bare(trace)) << seed << ": " << to_text(first) << ", " << to_text(second);
      }
  }
}

TEST(TraceFormats, KeepAMahimahiTracesChancesInEveryBin) {
  std::string text;
  base::Random random{4};
  for (int ms = 1; ms <= 20'000; ++ms)
    for (std::uint64_t n = random.below(3); n > 0; --n) text += std::to_string(ms) + "\n";
  text += "20000\n";
  const Trace trace = read_trace(text, "x", Format::kMahimahi);
  const Trace again = read_trace(write_trace(trace, Format::kMahimahi), "x", Format::kMahimahi);
  EXPECT_EQ(again, trace);
}

// In every second, and so over all: a packet of 12,000 bits more or less.
TEST(TraceFormats, WriteTheRateInMahimahiPacketsWithinOneASecond) {
  for (const Format source : {Format::kRehearsal, Format::kSabre, Format::kPensieve}) {
    Trace trace{.steps = {{.lasts = 7s, .rate = Bitrate::bits_per_second(5'678'901)},
                          {.lasts = 3s, .rate = 0_Mbps},
                          {.lasts = 5s, .rate = 300_kbps}}};
    trace = read_trace(write_trace(trace, source), "x", source);
    const Trace written = read_trace(write_trace(trace, Format::kMahimahi), "x", Format::kMahimahi);
    ASSERT_EQ(length_of(written), length_of(trace));
    const RateSchedule before{std::make_shared<const Trace>(trace), Instant{}}, after{std::make_shared<const Trace>(written), Instant{}};
    for (Instant at{}; at < Instant{15s}; at += 1s)
      EXPECT_NEAR(static_cast<double>(after.capacity(at, at + 1s).count()), static_cast<double>(before.capacity(at, at + 1s).count()),
                  1501);
  }
}

TEST(TraceFormats, EndAMahimahiFileWithTheLengthOfTheTrace) {
  const Trace trace{.steps = {{.lasts = 4ms, .rate = 3_Mbps}, {.lasts = 6ms, .rate = 0_Mbps}}};
  EXPECT_EQ(write_trace(trace, Format::kMahimahi), "10\n");
}

TEST(TraceFormats, AreRecognisedByTheirText) {
  for (const Format format : kFormats) {
    const auto seen = recognise(write_trace(drive(), format));
    ASSERT_TRUE(seen.has_value()) << to_text(format);
    EXPECT_EQ(*seen, format);
    EXPECT_EQ(*parse_trace_format(to_text(format)), format);
  }
  EXPECT_EQ(*recognise("\r\n // by hand\n /* lte */ {}"), Format::kRehearsal);
}

TEST(TraceFormats, AreNotRecognisedInOtherText) {
  for (const char* text : {"", " \n", "// only a comment", "/* open", "hello", "1 2 3", "1,2", "\x7f\x45LF"})
    EXPECT_FALSE(recognise(text).has_value()) << text;
  EXPECT_THAT(recognise("\x7f\x45LF").error().message, StartsWith("\"\\x7fELF\" begins none of the trace formats"));
}

struct BadRow {
  TraceFormat format;
  std::string text;
  const char* message;
};

TEST(TraceFormats, SayWhereAndWhatIsWrong) {
  const std::vector<BadRow> rows{
      {Format::kRehearsal, "", "bad.trace: line 1, column 1"},
      {Format::kRehearsal, "[]", "expected an object"},
      {Format::kRehearsal, "{}", "steps: is required and missing"},
      {Format::kRehearsal, R"({"steps": 1})", "steps: expected an array"},
      {Format::kRehearsal, R"({"steps": []})", "steps: there are none"},
      {Format::kRehearsal, R"({"steps": [1]})", "steps[0]: expected an object"},
      {Format::kRehearsal, R"({"steps": [{"duration": "1s", "rate": "1mbit"}, {"duration": "0s", "rate": "1mbit"}]})",
       "steps[1].duration: must be above 0"},
      {Format::kRehearsal, R"({"steps": [{"duration": "1s", "rate": "-1mbit"}]})", "steps[0].rate: \"-1mbit\" is not a rate"},
      {Format::kRehearsal, R"({"steps": [{"duration": "1s", "rate": 5}]})", "steps[0].rate: expected a rate such as"},
      {Format::kRehearsal, R"({"steps": [{"duration": "1s", "rate": "1mbit", "delay": "5ms"}]})", "steps[0].delay: is not a known field"},
      {Format::kRehearsal, R"({"steps": [{"duration": "1s", "rate": "0bit"}]})", "steps: the rate is 0 throughout"},
      {Format::kRehearsal, R"({"steps": [{"duration": "1s", "rate": "101gbit"}]})", "steps[0].rate: is 101gbit; at most 100gbit"},
      {Format::kRehearsal, R"({"steps": [{"duration": "1s", "rate": "1mbit"}], "nam": "x"})",
       "nam: is not a known field; did you mean name?"},
      {Format::kSabre, "{}", "expected an array of objects"},
      {Format::kSabre, "[]", "there are none"},
      {Format::kSabre, "[null]", "[0]: expected an object"},
      {Format::kSabre, R"([{"duration_ms": 1000, "latency_ms": 1}])", "[0].bandwidth_kbps: is required and missing"},
      {Format::kSabre, R"([{"duration_ms": 0, "bandwidth_kbps": 1}])", "[0].duration_ms: must be above 0"},
      {Format::kSabre, R"([{"duration_ms": 1, "bandwidth_kbps": -1}])", "[0].bandwidth_kbps: is -1; write 0 or more"},
      {Format::kSabre, R"([{"duration_ms": 1e300, "bandwidth_kbps": 1}])", "[0].duration_ms: is 1e+300; too large"},
      {Format::kSabre, R"([{"duration_ms": 1, "bandwidth_kbps": 1e9}])", "[0].bandwidth_kbps: is 1000gbit; at most 100gbit"},
      {Format::kSabre, R"([{"duration_ms": 1, "bandwidth_kbps": 0}])", "bad.trace: the rate is 0 throughout"},
      {Format::kSabre, R"([{"duration_ms": 1000, "bandwidth_kbps": 1, "latency_ms": -4}])", "[0].latency_ms: is -4; write 0 or more"},
      {Format::kSabre, R"([{"duration_ms": 1000, "bandwidth_kbps": 1, "latency_ms": 9e9}])", "[0].latency_ms: is 2500h; at most 2h"},
      {Format::kPensieve, "", "fewer than two lines"},
      {Format::kPensieve, "0 1\n", "fewer than two lines"},
      {Format::kPensieve, "5 1\n6 1\n", "line 1: begins at 5; the first time must be 0"},
      {Format::kPensieve, "0 1\n2 1\n1 1\n", "line 3: time 1 does not come after the line before"},
      {Format::kPensieve, "0 1\n1 1\n1 1\n", "line 3: time 1 does not come after the line before"},
      {Format::kPensieve, "0 1\n\n1 1\n", "line 2: is blank"},
      {Format::kPensieve, "0 1\n1 -2\n", "line 2: rate -2 is not between 0 and 100000"},
      {Format::kPensieve, "0 1\n-1 2\n", "line 2: time -1 is not between 0 and 7 days"},
      {Format::kPensieve, "0 1\n1 nan\n", "line 2: \"1 nan\" is not two numbers"},
      {Format::kPensieve, "0 1\n1 1e999\n", "line 2: \"1 1e999\" is not two numbers"},
      {Format::kPensieve, "0 1\n1 2 3\n", "line 2: \"1 2 3\" is not two numbers"},
      {Format::kPensieve, "0 0\n1 0\n", "bad.trace: the rate is 0 throughout"},
      {Format::kMahimahi, "", "is empty"},
      {Format::kMahimahi, "0\n0\n", "line 2: is 0; the last line is the length"},
      {Format::kMahimahi, "1\n\n2\n", "line 2: is blank"},
      {Format::kMahimahi, "1\r\n\r\n2\r\n", "line 2: is blank"},
      {Format::kMahimahi, "1\n2\n\n", "line 3: is blank"},
      {Format::kMahimahi, "5\n4\n", "line 2: 4 comes after 5"},
      {Format::kMahimahi, "-5\n", "line 1: \"-5\" is not a whole number"},
      {Format::kMahimahi, "1.5\n", "line 1: \"1.5\" is not a whole number"},
      {Format::kMahimahi, std::string{"1\n\0\xff\n", 5}, "line 2: \"\\x00\\xff\" is not a whole number"},
      {Format::kMahimahi, "99999999999999999999\n", "line 1: \"99999999999999999999\" is not a whole number"},
      {Format::kMahimahi, "100000001\n", "line 1: 100000001 ms is beyond the longest trace"},
      {Format::kMahimahi, "99999999\n", "at least 1kbit"},
  };
  for (const BadRow& row : rows)
    EXPECT_THAT(refusal(row.text, row.format), AllOf(StartsWith("bad.trace: "), HasSubstr(row.message))) << row.text;
}

TEST(TraceFormats, StopAtTwentyBadLines) {
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += "bad\n";
  for (const Format format : {Format::kPensieve, Format::kMahimahi}) {
    const std::string said = refusal(text, format);
    EXPECT_EQ(std::count(said.begin(), said.end(), '\n'), 19);
  }
}

TEST(TraceFormats, RefuseToWriteAMahimahiFileThatCouldNotBeReadBack) {
  const Trace fast{.name = "fast", .steps = {{.lasts = 1h, .rate = Bitrate::bits_per_second(1'000'000'000)}}};
  EXPECT_THROW(write_trace(fast, Format::kMahimahi), base::InvalidInput);
}

TEST(TraceFormats, RefuseAnUnknownWord) {
  EXPECT_EQ(parse_trace_format("csv").error().message, "\"csv\" is not a trace format; known: rehearsal, sabre, pensieve, mahimahi");
}

TEST(TraceFile, IsReadWhateverItsFormat) {
  const Trace trace = read_trace_file(std::string{REHEARSAL_SOURCE_DIR} + "/tests/data/traces/lte-walk.json");
  EXPECT_EQ(trace.name, "lte-walk");
  EXPECT_EQ(trace.steps.size(), 600u);
  EXPECT_EQ(trace.steps[0], (TraceStep{.lasts = 1s, .rate = 3232_kbps, .rtt = 45ms}));
}

std::string file_refusal(const std::string& file) {
  try {
    read_trace_file(file);
  } catch (const base::InvalidInput& failure) {
    return failure.what();
  }
  return "accepted";
}

TEST(TraceFile, SaysWhyItCannotBeRead) {
  EXPECT_EQ(file_refusal("/no/such/trace"), "/no/such/trace: cannot be read: No such file or directory");
  EXPECT_EQ(file_refusal("/"), "/: is a directory, not a file");
  EXPECT_EQ(file_refusal("/dev/zero"), "/dev/zero: is not a regular file");
}

TEST(TraceFile, IsRefusedAbove64MiB) {
  const std::string file = testing::TempDir() + "rehearsal_large_trace_" + std::to_string(getpid());
  std::ofstream{file} << "1\n";
  std::filesystem::resize_file(file, (64u << 20) + 1);
  EXPECT_EQ(file_refusal(file), file + ": is larger than 64 MiB");
  std::filesystem::remove(file);
}

}  // namespace
}  // namespace netem

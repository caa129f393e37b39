// The two line formats: pensieve and mahimahi.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include "base/json_reader.h"
#include "netem/model/rate_schedule.h"
#include "netem/model/trace_codecs.h"
#include "netem/model/wide.h"

namespace netem::codecs {
namespace {

using base::Bitrate;
using base::ByteCount;
using base::Duration;
using base::Instant;
using std::chrono::milliseconds;

// mahimahi's PACKET_SIZE of 1504 without the 4 bytes that TUN puts in front of an IP packet.
constexpr ByteCount kPacket = ByteCount::bytes(1500);
constexpr milliseconds kBin{100};
constexpr std::int64_t kMostBins = 1'000'000;
constexpr std::int64_t kMostLines = 8'000'000;  // below the 64 MiB that can be read back
constexpr double kLongestSeconds = 7 * 86400.0;
constexpr double kFastestMegabits = 1e5;

std::string line_path(std::size_t i) { return fmt::format("line {}", i + 1); }

// Collects what is wrong with which line; throws when there is enough or at the end.
class LineProblems {
 public:
  explicit LineProblems(const std::string& name) : name_{name} {}
  void add(std::size_t line, std::string message) {
    problems_.push_back({line_path(line), std::move(message)});
    if (problems_.size() >= kMostProblems) throw_if_any();
  }
  void throw_if_any() const { base::throw_if_any(name_, problems_); }

 private:
  const std::string& name_;
  std::vector<base::Problem> problems_;
};

template <class Number>
std::optional<Number> number_in(std::string_view word) {
  Number value{};
  const auto [end, failure] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (failure != std::errc{} || end != word.data() + word.size()) return std::nullopt;
  return value;
}

struct Sample {
  Duration at{};
  Bitrate rate;
};

std::optional<std::string> fault_of(std::optional<double> seconds, std::optional<double> megabits, std::string_view line) {
  if (line.find_first_not_of(" \t") == std::string_view::npos) return "is blank; delete it";
  if (!seconds || !megabits || !std::isfinite(*seconds) || !std::isfinite(*megabits))
    return fmt::format("{} is not two numbers, seconds and megabits per second", quoted(line));
  if (*seconds < 0 || *seconds > kLongestSeconds) return fmt::format("time {} is not between 0 and 7 days, in seconds", *seconds);
  if (*megabits < 0 || *megabits > kFastestMegabits)
    return fmt::format("rate {} is not between 0 and 100000, in megabits per second", *megabits);
  return std::nullopt;
}

std::vector<Sample> samples_of(std::string_view text, const std::string& name) {
  LineProblems problems{name};
  std::vector<Sample> samples;
  const std::vector<std::string_view> lines = lines_of(text);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::vector<std::string_view> words = words_of(lines[i]);
    const auto seconds = words.size() == 2 ? number_in<double>(words[0]) : std::nullopt;
    const auto megabits = words.size() == 2 ? number_in<double>(words[1]) : std::nullopt;
    if (const auto fault = fault_of(seconds, megabits, lines[i])) {
      problems.add(i, *fault);
      continue;
    }
    const Sample sample{base::from_seconds(*seconds), Bitrate::bits_per_second(std::llround(*megabits * 1e6))};
    if (i == 0 && sample.at != Duration::zero())
      problems.add(i, fmt::format("begins at {}; the first time must be 0: subtract it from every line", *seconds));
    if (!samples.empty() && sample.at <= samples.back().at)
      problems.add(i, fmt::format("time {} does not come after the line before; sort the lines by time, each time once", *seconds));
    samples.push_back(sample);
  }
  problems.throw_if_any();
  return samples;
}

// The trace's own faults are in no single line, except for a number that only the whole rules out.
std::string line_of_step(const std::string& path) {
  const std::size_t bracket = path.find('[');
  if (bracket == std::string::npos) return "";
  return line_path(number_in<std::size_t>(std::string_view{path}.substr(bracket + 1, path.find(']') - bracket - 1)).value_or(0));
}

// Decimal digits of a number of 10^-`digits`, without trailing zeros.
std::string decimal(std::int64_t value, int digits) {
  std::int64_t unit = 1;
  for (int i = 0; i < digits; ++i) unit *= 10;
  std::string out = fmt::format("{}.{:0{}}", value / unit, value % unit, digits);
  out.erase(out.find_last_not_of('0') + 1);
  if (out.back() == '.') out.pop_back();
  return out;
}

std::string pensieve_line(Duration at, Bitrate rate) { return fmt::format("{} {}\n", decimal(at.count(), 9), decimal(rate.bps(), 6)); }

// Chances in each bin. The one at 0 counts with those of the first millisecond, so that every bin is as long as it says.
std::vector<std::int64_t> chances_of(std::string_view text, const std::string& name, std::int64_t& last) {
  LineProblems problems{name};
  std::vector<std::int64_t> chances;
  const std::vector<std::string_view> lines = lines_of(text);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto at = number_in<std::int64_t>(lines[i]);
    if (lines[i].find_first_not_of(" \t") == std::string_view::npos)
      problems.add(i, "is blank; mahimahi takes it for time 0: delete it");
    else if (!at || *at < 0)
      problems.add(i, fmt::format("{} is not a whole number of milliseconds, 0 or more", quoted(lines[i])));
    else if (*at < last)
      problems.add(i, fmt::format("{} comes after {}; sort the lines in ascending order", *at, last));
    else if (*at > kMostBins * kBin.count())
      problems.add(i, fmt::format("{} ms is beyond the longest trace, {} ms", *at, kMostBins * kBin.count()));
    else {
      last = *at;
      const auto bin = static_cast<std::size_t>(last == 0 ? 0 : (last - 1) / kBin.count());
      chances.resize(std::max(chances.size(), bin + 1));
      ++chances[bin];
    }
  }
  problems.throw_if_any();
  if (lines.empty()) throw base::InvalidInput(name, {{"", "is empty; write one millisecond per line"}});
  if (last == 0)
    throw base::InvalidInput(name, {{line_path(lines.size() - 1), "is 0; the last line is the length of the trace and must be above 0"}});
  return chances;
}

std::int64_t chances_in(const Trace& trace) {
  Wide units = 0;
  for (const TraceStep& step : trace.steps) units += static_cast<Wide>(step.rate.bps()) * step.lasts.count();
  const Wide packet = static_cast<Wide>(kPacket.count()) * kUnitsPerByte;
  return static_cast<std::int64_t>((units + packet - 1) / packet);
}

}  // namespace

Trace read_pensieve(std::string_view text, const std::string& name) {
  const std::vector<Sample> samples = samples_of(text, name);
  if (samples.size() < 2)
    throw base::InvalidInput(
        name, {{"", "has fewer than two lines; the last rate holds for as long as the one before it, so write two or more"}});
  Trace trace{.name = trace_name(name)};
  for (std::size_t i = 0; i + 1 < samples.size(); ++i)
    trace.steps.push_back({.lasts = samples[i + 1].at - samples[i].at, .rate = samples[i].rate});
  trace.steps.push_back({.lasts = trace.steps.back().lasts, .rate = samples.back().rate});
  check(trace, name, line_of_step);
  return trace;
}

std::string write_pensieve(const Trace& trace) {
  std::string out;
  Duration at{};
  for (const TraceStep& step : trace.steps) {
    out += pensieve_line(at, step.rate);
    at += step.lasts;
  }
  const std::size_t n = trace.steps.size();
  const TraceStep& last = trace.steps.back();
  if (n < 2 || trace.steps[n - 2].lasts != last.lasts) out += pensieve_line(at - last.lasts / 2, last.rate);
  return out;
}

Trace read_mahimahi(std::string_view text, const std::string& name) {
  std::int64_t last = 0;
  const std::vector<std::int64_t> chances = chances_of(text, name, last);
  Trace trace{.name = trace_name(name)};
  milliseconds left{last};
  for (const std::int64_t n : chances) {
    const milliseconds lasts = std::min(kBin, left);
    trace.steps.push_back({.lasts = lasts, .rate = Bitrate::bits_per_second(n * kPacket.count() * 8000 / lasts.count())});
    left -= lasts;
  }
  check(trace, name, [](const std::string&) { return std::string{}; });
  return trace;
}

std::string write_mahimahi(const Trace& trace) {
  const std::int64_t chances = chances_in(trace);
  if (chances > kMostLines)
    throw base::InvalidInput(trace.name, {{"", fmt::format("takes {} lines in the mahimahi format, one per packet; at most {}: shorten the "
                                                           "trace, lower its rate or write another format",
                                                           chances, kMostLines)}});
  RateSchedule schedule{std::make_shared<const Trace>(trace), Instant{}};
  std::string out;
  Instant at{};
  for (std::int64_t i = 1; i < chances; ++i) {
    at = schedule.finish(at, kPacket);
    out += fmt::format("{}\n", std::chrono::ceil<milliseconds>(at.time_since_epoch()).count());
  }
  return out + fmt::format("{}\n", std::chrono::ceil<milliseconds>(length_of(trace)).count());
}

}  // namespace netem::codecs

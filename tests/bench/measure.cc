#include "tests/bench/measure.h"

#include <fmt/format.h>

#include <cstdlib>
#include <string_view>

#include "base/errors.h"
#include "base/text.h"

namespace bench {
namespace {

[[noreturn]] void refuse(const std::string& message) {
  fmt::print(stderr, "{}\n", message);
  std::exit(static_cast<int>(base::ExitCode::kInvalidInput));
}

std::uint32_t to_count(std::string_view name, std::string_view value) {
  std::uint32_t number = 0;
  for (const char c : value) {
    if (c < '0' || c > '9' || number > 1'000'000) refuse(fmt::format("--{}={}: expected a number up to 1000000", name, value));
    number = number * 10 + static_cast<std::uint32_t>(c - '0');
  }
  if (number == 0) refuse(fmt::format("--{}={}: expected a number above 0", name, value));
  return number;
}

base::Duration to_duration(std::string_view name, std::string_view value) {
  const base::Result<base::Duration> parsed = base::parse_duration(value);
  if (!parsed) refuse(fmt::format("--{}={}: {}", name, value, parsed.error().message));
  return *parsed;
}

}  // namespace

Options parse_options(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument{argv[i]};
    const std::size_t equals = argument.find('=');
    if (!argument.starts_with("--") || equals == std::string_view::npos) refuse(fmt::format("{}: expected --NAME=VALUE", argument));
    const std::string_view name = argument.substr(2, equals - 2);
    const std::string_view value = argument.substr(equals + 1);
    if (name == "url")
      options.url = value;
    else if (name == "device")
      options.device = value;
    else if (name == "players")
      options.players = to_count(name, value);
    else if (name == "duration")
      options.duration = to_duration(name, value);
    else if (name == "warmup")
      options.warmup = to_duration(name, value);
    else if (name == "arrivals")
      options.arrivals = to_duration(name, value);
    else if (name == "period")
      options.period = to_duration(name, value);
    else if (name == "segments")
      options.segments = to_count(name, value);
    else if (name == "pool")
      options.pool = value;
    else if (name == "per-multi")
      options.per_multi = to_count(name, value);
    else
      refuse(fmt::format("--{}: unknown option", name));
  }
  if (options.url.empty()) refuse("--url=http://HOST:PORT/PATH is missing");
  return options;
}

std::string loopback_address(std::uint32_t index) { return fmt::format("127.1.{}.{}", index / 250 + 1, index % 250 + 1); }

void print_figures(const Figures& figures, const base::Histogram& lateness_seconds) {
  fmt::print(
      "{{\"players\":{},\"requests\":{},\"failures\":{},\"bytes\":{},\"cpu_s\":{:.4f},\"wall_s\":{:.4f},\"resident_growth\":{},"
      "\"wakes\":{},\"late_p50_ms\":{:.4f},\"late_p99_ms\":{:.4f},\"late_max_ms\":{:.4f}}}\n",
      figures.players, figures.requests, figures.failures, figures.bytes, base::to_seconds(figures.cpu), base::to_seconds(figures.wall),
      figures.resident_growth, lateness_seconds.count(), lateness_seconds.quantile(0.5) * 1e3, lateness_seconds.quantile(0.99) * 1e3,
      lateness_seconds.max() * 1e3);
}

}  // namespace bench

#include "harness/gate/threshold.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/text.h"
#include "harness/gate/known_names.h"
#include "harness/kpi/metrics.h"

namespace harness {
namespace {

using base::Error;
using base::Result;

std::string_view trimmed(std::string_view text) {
  const auto is_space = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

std::optional<double> plain_number(std::string_view text) {
  double value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

// ---- the statistic ------------------------------------------------------------------------------------------------------------
struct NamedStatistic {
  std::string_view name;
  Statistic statistic;
};
constexpr std::array<NamedStatistic, 4> kTrendStatistics{
    {{"avg", Statistic::kMean}, {"min", Statistic::kMin}, {"med", Statistic::kMedian}, {"max", Statistic::kMax}}};
constexpr std::array<NamedStatistic, 2> kRateStatistics{{{"rate", Statistic::kRate}, {"value", Statistic::kValue}}};
constexpr std::array<NamedStatistic, 1> kRatioStatistics{{{"value", Statistic::kValue}}};
constexpr std::array<NamedStatistic, 2> kCounterStatistics{{{"count", Statistic::kCount}, {"value", Statistic::kValue}}};

std::vector<NamedStatistic> statistics_of(MetricKind kind) {
  const auto all = [](const auto& table) { return std::vector<NamedStatistic>(table.begin(), table.end()); };
  switch (kind) {
    case MetricKind::kTrend:
      return all(kTrendStatistics);
    case MetricKind::kRate:
      return all(kRateStatistics);
    case MetricKind::kRatio:
      return all(kRatioStatistics);
    case MetricKind::kCounter:
      return all(kCounterStatistics);
  }
  return {};
}

Error unknown_statistic(std::string_view given, const Metric& metric) {
  std::vector<std::string> known;
  for (const NamedStatistic& each : statistics_of(metric.kind)) known.emplace_back(each.name);
  if (metric.kind == MetricKind::kTrend) known.emplace_back("p(N)");
  return base::error(fmt::format("{} has no statistic \"{}\"; it has {}", metric.name, given, joined(known)));
}

// "p(95)" -> 95.
Result<double> parse_percentile(std::string_view text) {
  const auto number = plain_number(trimmed(text.substr(2, text.size() - 3)));
  if (!number || *number <= 0 || *number > 100)
    return base::error(fmt::format("\"{}\" is not a percentile; write p(N) with N above 0 and at most 100, such as p(95)", text));
  return *number;
}

base::Result<void> read_statistic(std::string_view text, const Metric& metric, Threshold& out) {
  for (const NamedStatistic& each : statistics_of(metric.kind)) {
    if (each.name != text) continue;
    out.statistic = each.statistic;
    return {};
  }
  if (metric.kind != MetricKind::kTrend || !text.starts_with("p(") || !text.ends_with(")")) return unknown_statistic(text, metric);
  const Result<double> percentile = parse_percentile(text);
  if (!percentile.has_value()) return percentile.error();
  out.statistic = Statistic::kPercentile;
  out.percentile = *percentile;
  return {};
}

// ---- the comparison -----------------------------------------------------------------------------------------------------------
struct NamedComparison {
  std::string_view name;
  Comparison comparison;
};
// Longer ones first, so that "<=" is not read as "<".
constexpr std::array<NamedComparison, 6> kComparisons{{{"<=", Comparison::kLessEqual},
                                                       {">=", Comparison::kGreaterEqual},
                                                       {"==", Comparison::kEqual},
                                                       {"!=", Comparison::kNotEqual},
                                                       {"<", Comparison::kLess},
                                                       {">", Comparison::kGreater}}};

struct Split {
  std::string_view left;
  Comparison comparison = Comparison::kLess;
  std::string_view right;
};
std::optional<Split> split_at_comparison(std::string_view text) {
  const std::size_t at = text.find_first_of("<>=!");
  if (at == std::string_view::npos) return std::nullopt;
  for (const NamedComparison& each : kComparisons)
    if (text.substr(at).starts_with(each.name))
      return Split{trimmed(text.substr(0, at)), each.comparison, trimmed(text.substr(at + each.name.size()))};
  return std::nullopt;
}

// ---- the bound ----------------------------------------------------------------------------------------------------------------
Result<double> parse_seconds(std::string_view text) {
  const auto number = plain_number(text);
  if (number && *number == 0) return 0.0;
  if (number) return base::error(fmt::format("\"{}\" has no unit; write a duration such as \"{}s\" or \"{}ms\"", text, text, text));
  const Result<base::Duration> duration = base::parse_duration(text);
  if (!duration.has_value()) return duration.error();
  return base::to_seconds(*duration);
}

Result<double> parse_rate(std::string_view text) {
  const auto number = plain_number(text);
  if (number && *number == 0) return 0.0;
  const Result<base::Bitrate> rate = base::parse_bitrate(text);
  if (!rate.has_value()) return rate.error();
  return static_cast<double>(rate->bps());
}

Result<double> parse_plain(std::string_view text, const Metric& metric) {
  const bool is_share = metric.unit == "ratio";
  const std::string_view example = is_share ? "0.99" : "3";
  const auto number = plain_number(text);
  if (!number) return base::error(fmt::format("\"{}\" is not a bound for {}; write a plain number such as {}", text, metric.name, example));
  if (*number < 0) return base::error(fmt::format("the bound {} is negative; {} never is", text, metric.name));
  if (is_share && *number > 1)
    return base::error(fmt::format("the bound {} is above 1; {} is a share in [0, 1], so write {:g} for {:g} percent", text, metric.name,
                                   *number / 100, *number));
  return *number;
}

Result<double> parse_bound(std::string_view text, const Metric& metric) {
  if (text.empty()) return base::error("the bound after the comparison is missing; write for example \"value<0.01\"");
  if (text.ends_with("%")) {
    const auto percent = plain_number(trimmed(text.substr(0, text.size() - 1)));
    const std::string fix = percent ? fmt::format("{:g}", *percent / 100) : "0.05";
    return base::error(fmt::format("\"{}\": percentages are written as numbers in [0, 1]; write {}", text, fix));
  }
  if (metric.unit == "s") return parse_seconds(text);
  if (metric.unit == "bps") return parse_rate(text);
  return parse_plain(text, metric);
}

// "max<8s for 10s" and the like, which other tools have.
bool has_window(std::string_view text) {
  const std::array<std::string_view, 3> words{" for ", " within ", " over "};
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) { return text.find(word) != std::string_view::npos; });
}

// ---- the key ------------------------------------------------------------------------------------------------------------------
std::vector<std::string> metric_names() {
  std::vector<std::string> names;
  for (const Metric& metric : kMetrics) names.emplace_back(metric.name);
  return names;
}

std::vector<std::string> tags_of(std::string_view metric) {
  if (is_drill_metric(metric)) return {kDrillTags.begin(), kDrillTags.end()};
  return {kSessionTags.begin(), kSessionTags.end()};
}

Result<void> read_tag(std::string_view text, Gate& gate) {
  const std::size_t colon = text.find(':');
  const std::string name{trimmed(text.substr(0, colon))};
  const std::string value{colon == std::string_view::npos ? "" : trimmed(text.substr(colon + 1))};
  if (name.empty() || value.empty())
    return base::error(fmt::format("\"{}\" is not a tag; write METRIC{{TAG:VALUE}}, such as startup_time{{device:ios}}", text));
  const std::vector<std::string> known = tags_of(gate.metric);
  if (std::find(known.begin(), known.end(), name) == known.end()) return base::error(unknown_name("tag of " + gate.metric, name, known));
  if (!gate.tags.emplace(name, value).second) return base::error(fmt::format("the tag {} stands twice; keep one", name));
  return {};
}

Result<void> read_tags(std::string_view list, Gate& gate) {
  while (true) {
    const std::size_t comma = list.find(',');
    const Result<void> read = read_tag(trimmed(list.substr(0, comma)), gate);
    if (!read.has_value() || comma == std::string_view::npos) return read;
    list.remove_prefix(comma + 1);
  }
}

}  // namespace

Result<Threshold> parse_threshold(std::string_view text, std::string_view metric_name) {
  const Metric* metric = metric_named(metric_name);
  if (metric == nullptr) return base::error(unknown_name("metric", metric_name, metric_names()));
  if (has_window(text))
    return base::error(fmt::format("\"{}\": windows are not supported; a threshold covers the whole run, so end it after the bound", text));
  const auto split = split_at_comparison(text);
  if (!split)
    return base::error(fmt::format("\"{}\" is not a threshold; write STATISTIC, one of < <= > >= == !=, and a bound: \"p(95)<2s\"", text));
  Threshold out;
  out.text = std::string{trimmed(text)};
  out.comparison = split->comparison;
  const Result<void> statistic = read_statistic(split->left, *metric, out);
  if (!statistic.has_value()) return statistic.error();
  const Result<double> bound = parse_bound(split->right, *metric);
  if (!bound.has_value()) return bound.error();
  out.bound = *bound;
  return out;
}

Result<Gate> parse_gate_key(std::string_view text) {
  text = trimmed(text);
  const std::size_t brace = text.find('{');
  Gate gate;
  gate.metric = std::string{trimmed(text.substr(0, brace))};
  if (metric_named(gate.metric) == nullptr) return base::error(unknown_name("metric", gate.metric, metric_names()));
  if (brace == std::string_view::npos) return gate;
  if (!text.ends_with('}')) return base::error(fmt::format("\"{}\" has no closing brace at its end; write METRIC{{TAG:VALUE}}", text));
  const Result<void> tags = read_tags(text.substr(brace + 1, text.size() - brace - 2), gate);
  if (!tags.has_value()) return tags.error();
  return gate;
}

}  // namespace harness

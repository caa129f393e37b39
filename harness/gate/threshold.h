// Gates: thresholds on KPIs in k6's grammar, `"startup_time{device:ios}": ["p(95)<2s", "max<8s"]`. Pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace harness {

// Which statistic of a metric. kPercentile carries its number.
enum class Statistic { kRate, kValue, kCount, kMean, kMin, kMedian, kMax, kPercentile };
enum class Comparison { kLess, kLessEqual, kGreater, kGreaterEqual, kEqual, kNotEqual };

struct Threshold {
  Statistic statistic = Statistic::kValue;
  double percentile = 0;  // (0, 100]
  Comparison comparison = Comparison::kLess;
  double bound = 0;  // in the metric's unit: seconds, bit/s, ratio or a count
  std::string text;  // as written: "p(95)<2s"
  friend bool operator==(const Threshold&, const Threshold&) = default;
};

// The thresholds of one metric selection.
struct Gate {
  std::string metric;
  std::map<std::string, std::string> tags;  // "device" -> "ios"
  std::vector<Threshold> thresholds;
  friend bool operator==(const Gate&, const Gate&) = default;
};

// "p(95)<2s", "rate>=0.99", "value<0.01", "avg<1s", "med<500ms", "count<3". `unit` is the metric's ("s", "ratio", "bps",
// "count"): durations and rates may be written with units where it allows them. A statistic that the metric's kind does not have,
// a percentile outside (0, 100] and anything left over are errors.
base::Result<Threshold> parse_threshold(std::string_view text, std::string_view metric);
// "startup_time{device:ios,region:eu}" -> metric and tags; an unknown metric or tag name is an error that lists the known ones.
base::Result<Gate> parse_gate_key(std::string_view text);

}  // namespace harness

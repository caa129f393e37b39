// Figures as people read them, the same in every report: "412 ms", "1.24 s", "2.41 Mbit/s", "99.8 %". Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "reports/record/rows.h"

namespace reports {

// Three significant digits with the unit: s, bps, ratio, count. "–" when absent or not a number.
std::string figure(std::optional<double> value, std::string_view unit);
// Five significant digits in the unit that thresholds are written in ("0.99812" for a ratio), so that a value which misses its
// bound by little does not read as if it met it.
std::string exact_figure(std::optional<double> value, std::string_view unit);
// Plain decimal, `digits` significant, no exponent and no trailing zeros: "1.5", "0.0031", "12000".
std::string decimal(double value, int digits);
// "1:30" style position in the run for tables: "90.9 s".
std::string instant(std::optional<double> seconds);
// "3 min 20 s".
std::string span(double seconds);
// A declared bitrate of a rendition as in SeriesRow ("2500000") -> "2.5 Mbit/s"; other text stays as it is.
std::string rendition_name(const std::string& declared);
// "startup_time{device:ios}"; the metric alone without tags.
std::string selection(const std::string& metric, const Tags& tags);
// "1 session", "3 sessions".
std::string counted(std::uint64_t n, std::string_view noun);

}  // namespace reports

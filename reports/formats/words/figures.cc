#include "reports/formats/words/figures.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

namespace reports {
namespace {

constexpr std::string_view kAbsent = "–";
constexpr int kMostDigits = 12;
constexpr double kNothing = 1e-9;  // what is left of rounding; no quantity here is that small

std::string duration(double seconds, int digits) {
  if (seconds != 0 && std::abs(seconds) < 0.9995) return decimal(seconds * 1e3, digits) + " ms";
  return decimal(seconds, digits) + " s";
}

std::string bitrate(double bps, int digits) {
  if (std::abs(bps) >= 999'500'000) return decimal(bps / 1e9, digits) + " Gbit/s";
  if (std::abs(bps) >= 999'500) return decimal(bps / 1e6, digits) + " Mbit/s";
  if (std::abs(bps) >= 999.5) return decimal(bps / 1e3, digits) + " kbit/s";
  return decimal(bps, digits) + " bit/s";
}

// Of a share as it is or in percent (`all`: 1 or 100): what lacks a little is not told as all of it.
std::string share(double value, double all, int digits) {
  std::string text = decimal(value * all, digits);
  while (value < 1 && text == decimal(all, 1) && digits < kMostDigits) text = decimal(value * all, ++digits);
  return text;
}

std::string in_unit(double value, std::string_view unit, int digits) {
  if (unit == "s") return duration(value, digits);
  if (unit == "bps") return bitrate(value, digits);
  return unit == "ratio" ? share(value, 1, digits) : decimal(value, digits);
}

}  // namespace

std::string decimal(double value, int digits) {
  if (!std::isfinite(value)) return std::string{kAbsent};
  if (std::abs(value) < kNothing) return "0";
  const int magnitude = static_cast<int>(std::floor(std::log10(std::abs(value))));
  std::string text = fmt::format("{:.{}f}", value, std::max(0, digits - 1 - magnitude));
  if (text.find('.') == std::string::npos) return text;
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

std::string figure(std::optional<double> value, std::string_view unit) {
  if (!value || !std::isfinite(*value)) return std::string{kAbsent};
  if (unit == "ratio") return share(*value, 100, 3) + " %";
  return in_unit(*value, unit, 3);
}

std::string exact_figure(std::optional<double> value, std::string_view unit) {
  if (!value || !std::isfinite(*value)) return std::string{kAbsent};
  return in_unit(*value, unit, 5);
}

std::string instant(std::optional<double> seconds) {
  return seconds && std::isfinite(*seconds) ? fmt::format("{:.1f} s", *seconds) : std::string{kAbsent};
}

std::string span(double seconds) {
  const auto whole = std::isfinite(seconds) ? std::llround(std::abs(seconds)) : 0;
  if (whole < 60) return decimal(std::abs(seconds), 3) + " s";
  std::string text = whole >= 3600 ? fmt::format("{} h ", whole / 3600) : "";
  if (whole % 3600 / 60 > 0) text += fmt::format("{} min ", whole % 3600 / 60);
  if (whole % 60 > 0) text += fmt::format("{} s ", whole % 60);
  text.pop_back();
  return text;
}

std::string rendition_name(const std::string& declared) {
  double bps = 0;
  const auto [end, problem] = std::from_chars(declared.data(), declared.data() + declared.size(), bps);
  if (problem != std::errc{} || end != declared.data() + declared.size()) return declared;
  return figure(bps, "bps");
}

std::string selection(const std::string& metric, const Tags& tags) {
  std::string list;
  for (const auto& [name, value] : tags) list += (list.empty() ? "" : ",") + name + ":" + value;
  return list.empty() ? metric : metric + "{" + list + "}";
}

std::string counted(std::uint64_t n, std::string_view noun) { return fmt::format("{} {}{}", n, noun, n == 1 ? "" : "s"); }

}  // namespace reports

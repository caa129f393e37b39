// CongestionControl: which of TCP's congestion controls the virtual world models. Linux knows more; a real run takes any that it has.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace harness {

enum class CongestionControl : std::uint8_t { kCubic, kBbr };

constexpr std::string_view word_of(CongestionControl control) { return control == CongestionControl::kBbr ? "bbr" : "cubic"; }

// Nothing where the virtual world has none of that name.
constexpr std::optional<CongestionControl> modelled_congestion_control(std::string_view word) {
  if (word == "cubic") return CongestionControl::kCubic;
  if (word == "bbr") return CongestionControl::kBbr;
  return std::nullopt;
}

}  // namespace harness

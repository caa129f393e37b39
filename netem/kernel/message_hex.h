// Bytes of requests as hexadecimal digits, for tests.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace netem {

// In groups of four bytes: netlink aligns everything to that.
inline std::string hex_of(std::span<const std::uint8_t> bytes) {
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); ++i) out += fmt::format("{}{:02x}", i > 0 && i % 4 == 0 ? " " : "", bytes[i]);
  return out;
}

// What follows the netlink header (16 bytes), struct tcmsg (20) and the attribute TCA_KIND of a kind of up to `kind` characters.
inline std::span<const std::uint8_t> options_in(std::span<const std::uint8_t> message, std::string_view kind) {
  return message.subspan(16 + 20 + 4 + (kind.size() + 1 + 3) / 4 * 4);
}

}  // namespace netem

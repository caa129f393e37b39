// What a stream's names, passphrases, renditions and times may be. Whoever reads a specification and whoever starts the stream ask the
// same. Pure.
#pragma once

#include <algorithm>
#include <string_view>

#include "base/time.h"
#include "base/units.h"

namespace server {

// 1 to 64 of a-z, 0-9 and '-': of streams, and of the destinations they are forwarded to.
inline constexpr std::size_t kLongestName = 64;
inline bool is_stream_name(std::string_view text) {
  const auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
  return !text.empty() && text.size() <= kLongestName && std::all_of(text.begin(), text.end(), allowed);
}

inline constexpr std::size_t kShortestPassphrase = 10, kLongestPassphrase = 79;  // SRTO_PASSPHRASE
// Empty: not encrypted.
inline bool is_passphrase(std::string_view text) {
  return text.empty() || (text.size() >= kShortestPassphrase && text.size() <= kLongestPassphrase);
}

inline constexpr std::size_t kMostFiles = 64;  // of a playlist: each is opened when the stream is made

// Rung.
inline constexpr int kLeastHeight = 90, kMostHeight = 2160;  // lines, an even number
inline constexpr base::Bitrate kLeastRate = base::Bitrate::bits_per_second(50'000);
inline constexpr base::Bitrate kMostRate = base::Bitrate::bits_per_second(50'000'000);

// FailoverSpec.
inline constexpr base::Duration kLeastSwitchAfter = std::chrono::milliseconds{200}, kMostSwitchAfter = std::chrono::seconds{30};
inline constexpr base::Duration kMostWait = std::chrono::hours{1};

}  // namespace server

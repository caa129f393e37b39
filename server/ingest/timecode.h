// The capture time that a contribution encoder puts into each picture: an H.264 SEI of type user_data_unregistered that holds 16 bytes
// of UUID and 8 bytes big-endian, microseconds since 1970 UTC. Pure; never reads outside `sei`.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "base/time.h"

namespace server {

// The same 16 bytes as generators::kTimecodeUuid (generators/feed/feed.h); the server does not depend on the generators.
inline constexpr std::array<std::uint8_t, 16> kTimecodeUuid{0x7a, 0x1d, 0x4c, 0x0e, 0x52, 0x65, 0x68, 0x65,
                                                            0x61, 0x72, 0x73, 0x61, 0x6c, 0x54, 0x43, 0x01};

// Nothing when the SEI is another one, is cut short or names a time outside 1970..2261.
std::optional<base::UtcTime> parse_timecode(std::span<const std::uint8_t> sei);

}  // namespace server

// Puts the wall clock into an H.264 access unit as the SEI message that feed.h describes. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/time.h"

namespace generators {

// `access_unit` is in Annex B form; the message goes before its first slice, so after delimiter and parameter sets.
std::vector<std::uint8_t> with_timecode(std::span<const std::uint8_t> access_unit, base::UtcTime time);

}  // namespace generators

// An AAC frame of silence that fits among a clip's own.
#pragma once

#include <cstdint>
#include <vector>

#include "generators/feed/clip.h"

namespace generators {

// Encoded with the clip's rate and channels. Throws base::RunFailed.
std::vector<std::uint8_t> silent_frame_for(const Clip& clip);

}  // namespace generators

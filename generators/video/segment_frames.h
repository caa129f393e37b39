// The identities of the frames in one media segment, as a decoder shows them: what came of a test video on its way to a viewer.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "generators/video/frame_identity.h"

namespace generators {

// In the order of presentation; nothing for a frame that carries none (a slate) or a damaged one. `init`: the ISO-BMFF init segment of
// `segment`'s track. Bytes that cannot be decoded at all are an error.
base::Result<std::vector<std::optional<FrameIdentity>>> frames_of(std::string_view init, std::string_view segment);

}  // namespace generators

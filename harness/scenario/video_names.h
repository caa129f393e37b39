// Whether a test pattern of that name can be made: asked of a function that the caller brings, because it is for the generator to say.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace harness {

// Returns: what is wrong with a name such as "sports-720p30"; empty when nothing is.
using VideoNameCheck = std::function<std::string(std::string_view name)>;

}  // namespace harness

// Problem details for HTTP APIs (RFC 9457): what every error answer of a server says, whichever of its ports gives it.
#pragma once

#include <string_view>

#include "base/json_reader.h"

namespace base {

// "Not Found" for 404 (RFC 9110, section 15); "Error" for a status that no server of ours sends.
const char* reason_phrase(int status);

// `reason`: a word for machines; `detail`: a sentence.
Json problem_details(int status, std::string_view reason, std::string_view detail);

}  // namespace base

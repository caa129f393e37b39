// The credentials of a request (RFC 6750, section 2.1), whichever of a server's ports it comes to. Pure; any bytes are taken.
#pragma once

#include <optional>
#include <string_view>

namespace base {

// The token of "Authorization: Bearer TOKEN"; nothing for another scheme.
std::optional<std::string_view> bearer_token(std::string_view authorization);

}  // namespace base

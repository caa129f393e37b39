// base64url without padding (RFC 4648, section 5; RFC 7515, section 2). Decoding is strict: one text per byte string, so that a
// token has exactly one spelling. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace server {

std::string to_base64url(std::string_view bytes);
// Nothing for characters outside the alphabet, padding, impossible lengths and non-zero trailing bits.
std::optional<std::string> from_base64url(std::string_view text);

}  // namespace server

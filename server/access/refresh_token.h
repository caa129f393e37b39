// Refresh tokens: opaque to viewers; inside, the session, which of its refresh tokens this is, and when it expires, under a MAC.
// So nobody but a holder of a real one can trip the reuse alarm of a session. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace server {

struct RefreshToken {
  std::string session;  // its id: base64url of 16 bytes
  std::uint32_t generation = 0;
  base::UtcTime expires;
};

std::string write_refresh_token(const RefreshToken& token, std::string_view key);
// Nothing: not one of ours.
std::optional<RefreshToken> read_refresh_token(std::string_view text, std::string_view key);

}  // namespace server

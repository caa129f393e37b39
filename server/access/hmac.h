// The few things taken from OpenSSL: HMAC-SHA256, SHA-256, random bytes and a comparison that takes the same time wherever the
// texts differ. Stateless, any thread.
#pragma once

#include <array>
#include <string>
#include <string_view>

namespace server {

using Digest = std::array<unsigned char, 32>;

Digest sha256(std::string_view bytes);
std::string hmac_sha256(std::string_view key, std::string_view bytes);
// Throws RunFailed when the system gives none.
std::string random_bytes(std::size_t count);
bool equal_in_constant_time(std::string_view a, std::string_view b);

}  // namespace server

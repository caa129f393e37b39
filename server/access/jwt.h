// JSON Web Tokens (RFC 7519) of one kind only: compact, HS256, our claims. Written on OpenSSL's HMAC instead of Debian's libjwt
// 1.10, which takes the algorithm from the token and compares signatures in data-dependent time (CVE-2024-25189). Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace server {

struct Claims {
  std::string subject{};   // sub
  std::string stream{};    // aud
  std::string session{};   // sid
  std::string group{};     // grp
  base::UtcTime issued{};  // iat
  base::UtcTime not_before{};
  base::UtcTime expires{};
  std::int64_t epoch = 0;  // microseconds of UTC at issue, strictly above every cut made before (CutTable)
  friend bool operator==(const Claims&, const Claims&) = default;
};

// Microseconds of UTC.
inline std::int64_t epoch_of(base::UtcTime time) { return std::chrono::floor<std::chrono::microseconds>(time.time_since_epoch()).count(); }

inline constexpr std::string_view kTokenIssuer = "rehearsal";
inline constexpr std::size_t kLongestToken = 4096;  // bytes

std::string write_token(const Claims& claims, std::string_view key);
// The signature is checked before the payload is looked at. Times are not judged here. Error: "malformed" or "bad-signature".
base::Result<Claims> read_token(std::string_view token, std::string_view key);

}  // namespace server

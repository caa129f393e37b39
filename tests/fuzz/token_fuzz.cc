// Any bytes as a token are refused; any bytes as a header and payload under a valid signature do no harm.
#include <cstddef>
#include <cstdint>

#include "base/ensure.h"
#include "server/access/base64url.h"
#include "server/access/hmac.h"
#include "server/access/token_authority.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::string secret(32, 'k');
  static server::TokenAuthority authority{{.secret = secret}};
  const base::UtcTime now{std::chrono::seconds{1'800'000'000}};
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  ENSURE(authority.check(text, "live", server::AccessPolicy::kToken, now).status == 401);
  ENSURE(!authority.refresh(text, now).has_value());
  const auto line = std::min(text.find('\n'), size);
  const std::string head = server::to_base64url(text.substr(0, line)) + "." + server::to_base64url(text.substr(std::min(line + 1, size)));
  const std::string token = head + "." + server::to_base64url(server::hmac_sha256(secret, head));
  const int status = authority.check(token, "live", server::AccessPolicy::kToken, now).status;
  ENSURE(status == 200 || status == 401 || status == 403);
  return 0;
}

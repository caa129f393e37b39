#include "server/access/refresh_token.h"

#include "base/ensure.h"
#include "server/access/base64url.h"
#include "server/access/hmac.h"

namespace server {
namespace {

constexpr std::size_t kIdSize = 16, kGenerationSize = 4, kTimeSize = 8, kMacSize = 32;
constexpr std::size_t kBodySize = kIdSize + kGenerationSize + kTimeSize;

void append(std::string& bytes, std::uint64_t value, std::size_t size) {
  while (size-- > 0) bytes += static_cast<char>(value >> (8 * size) & 0xFF);
}

std::uint64_t number_at(std::string_view bytes, std::size_t at, std::size_t size) {
  std::uint64_t value = 0;
  for (const char c : bytes.substr(at, size)) value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

}  // namespace

std::string write_refresh_token(const RefreshToken& token, std::string_view key) {
  const auto id = from_base64url(token.session);
  ENSURE(id && id->size() == kIdSize);
  std::string body = *id;
  append(body, token.generation, kGenerationSize);
  append(body, static_cast<std::uint64_t>(token.expires.time_since_epoch().count()), kTimeSize);
  return to_base64url(body + hmac_sha256(key, body));
}

std::optional<RefreshToken> read_refresh_token(std::string_view text, std::string_view key) {
  const auto bytes = from_base64url(text.substr(0, 256));
  if (!bytes || bytes->size() != kBodySize + kMacSize) return std::nullopt;
  const std::string_view body = std::string_view{*bytes}.substr(0, kBodySize);
  if (!equal_in_constant_time(std::string_view{*bytes}.substr(kBodySize), hmac_sha256(key, body))) return std::nullopt;
  const auto expires = static_cast<std::int64_t>(number_at(body, kIdSize + kGenerationSize, kTimeSize));
  return RefreshToken{.session = to_base64url(body.substr(0, kIdSize)),
                      .generation = static_cast<std::uint32_t>(number_at(body, kIdSize, kGenerationSize)),
                      .expires = base::UtcTime{base::Duration{expires}}};
}

}  // namespace server

// Reading the request header fields that the media server heeds. Pure; any bytes are taken.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace server {

inline constexpr std::string_view kTokenCookie = "rehearsal_token";

std::optional<std::string_view> cookie_value(std::string_view cookie, std::string_view name);
// Whether "gzip" (or "*") is offered with a weight above zero.
bool accepts_gzip(std::string_view accept_encoding);
// Whether If-None-Match lists the tag (weak comparison) or is "*".
bool matches_etag(std::string_view if_none_match, std::string_view etag);

struct WholeBody {};
struct BytesOf {
  std::size_t first = 0, count = 0;
};
struct OutOfRange {};
using RangeChoice = std::variant<WholeBody, BytesOf, OutOfRange>;
// A single byte range (RFC 9110, section 14). Several ranges, other units and malformed fields are ignored, as the RFC allows.
RangeChoice choose_range(std::string_view range, std::size_t size);

}  // namespace server

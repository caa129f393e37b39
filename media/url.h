// URLs as players need them: resolving references (RFC 3986, section 5) and taking apart http and https URLs. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace media {

struct Url {
  std::string scheme;  // "http" or "https"
  std::string host;    // without brackets
  int port = 0;        // the scheme's default where absent
  std::string path;    // with a leading slash
  std::string query;   // without the question mark
};

// Absolute http or https URLs only.
base::Result<Url> parse_url(std::string_view text);
// `reference` as found in a document fetched from `base_url`.
std::string resolve_url(std::string_view base_url, std::string_view reference);
// "a%20b" -> "a b"; malformed escapes are kept as they are.
std::string percent_decode(std::string_view text);
// The same, but nothing when an escape is malformed.
std::optional<std::string> percent_decode_strictly(std::string_view text);
// In the query of a request for a playlist: hold it until a segment of this number is listed (RFC 8216bis, 6.2.5.2).
inline constexpr std::string_view kMediaSequenceField = "_HLS_msn";
// With NAME=VALUE at the end of its query; no fragment may follow.
std::string with_query_field(std::string_view url, std::string_view name, std::string_view value);
// The value of the first NAME=VALUE in a query, still encoded; nothing: there is none.
std::optional<std::string_view> query_field(std::string_view query, std::string_view name);

}  // namespace media

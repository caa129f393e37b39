// URLs as players need them: resolving references (RFC 3986, section 5) and taking apart http and https URLs. Pure.
#pragma once

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

}  // namespace media

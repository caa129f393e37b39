// The request target taken apart: decoded path elements and query parameters. A path with an empty, "." or ".." element, a
// slash or NUL hidden in an escape, or a malformed escape is not valid: nothing behind it is ever looked up. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace server {

struct Target {
  std::vector<std::string> path;  // "/live/main/x" -> {"live", "main", "x"}; a slash at the end gives a last empty element
  std::string_view path_text;     // as received, without the query
  std::string_view query;         // as received, without the question mark
};

// Nothing: not a valid origin-form or absolute-form target (RFC 9112, section 3.2).
std::optional<Target> parse_target(std::string_view text);
// The first value of `name`, percent-decoded ('+' stays: JWT and URLs have no blanks).
std::optional<std::string> query_value(std::string_view query, std::string_view name);

}  // namespace server

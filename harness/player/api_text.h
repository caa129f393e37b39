// JSON in and out as a player's API calls use it: fields that are missing or of another type read as empty, and anything can be written.
#pragma once

#include <algorithm>
#include <string>

#include "base/json_reader.h"

namespace harness {

inline std::string text_of(const base::Json& body, const char* field) {
  if (!body.is_object()) return {};
  const auto found = body.find(field);
  return found != body.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

// A header value must stay one line.
inline bool is_header_safe(const std::string& token) {
  return !token.empty() && std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c < 127; });
}

inline std::string dumped(const base::Json& json) { return json.dump(-1, ' ', false, base::Json::error_handler_t::replace); }

}  // namespace harness

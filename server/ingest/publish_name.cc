#include "server/ingest/publish_name.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "media/url.h"

namespace server {
namespace {

base::Result<std::string> decode(std::string_view what, std::string_view text, std::size_t longest) {
  std::optional<std::string> decoded = media::percent_decode_strictly(text);
  if (!decoded) return base::error(fmt::format("the {} holds a '%' without two hexadecimal digits; write %25 for a percent sign", what));
  if (decoded->size() > longest)
    return base::error(fmt::format("the {} is {} bytes long; at most {} are allowed", what, decoded->size(), longest));
  return std::move(*decoded);
}

// "main/backup" of "//main/backup/".
std::string tidied(std::string_view path) {
  std::string out;
  for (std::string_view segment = take_segment(path); !segment.empty(); segment = take_segment(path)) {
    if (!out.empty()) out += '/';
    out += segment;
  }
  return out;
}

}  // namespace

std::string_view take_segment(std::string_view& path) {
  path.remove_prefix(std::min(path.find_first_not_of('/'), path.size()));
  const std::string_view segment = path.substr(0, path.find('/'));
  path.remove_prefix(segment.size());
  return segment;
}

base::Result<PublishName> decode_publish_name(std::string_view path, std::string_view key, std::string_view form) {
  const auto point = decode("stream's name", tidied(path), kLongestPoint);
  if (point.has_error()) return point.error();
  if (point->empty()) return base::error(fmt::format("no stream is named; {}", form));
  const auto decoded_key = decode("key", key, kLongestKey);
  if (decoded_key.has_error()) return decoded_key.error();
  return PublishName{.point = *point, .key = *decoded_key};
}

}  // namespace server

#include "server/ingest/rtmp/publish_name.h"

#include <fmt/format.h>

#include <optional>

namespace server::rtmp {
namespace {

constexpr std::string_view kApp = "live";
constexpr const char* kForm = "write rtmp://HOST/live/NAME?key=KEY";

struct Parts {
  std::string_view path, query;
};

Parts split_query(std::string_view text) {
  const std::size_t mark = text.find('?');
  return {.path = text.substr(0, mark), .query = mark == std::string_view::npos ? std::string_view{} : text.substr(mark + 1)};
}

// Takes the first name of a path, and the slashes around it.
std::string_view take_segment(std::string_view& path) {
  path.remove_prefix(std::min(path.find_first_not_of('/'), path.size()));
  const std::string_view segment = path.substr(0, path.find('/'));
  path.remove_prefix(segment.size());
  return segment;
}

std::optional<std::string_view> parameter(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), pair.size() + 1));
    if (pair.starts_with(name) && pair.substr(name.size()).starts_with('=')) return pair.substr(name.size() + 1);
  }
  return std::nullopt;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

std::optional<std::string> decode(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
    if (high < 0 || low < 0) return std::nullopt;
    decoded += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return decoded;
}

base::Result<std::string> decode(std::string_view what, std::string_view text, std::size_t longest) {
  std::optional<std::string> decoded = decode(text);
  if (!decoded) return base::error(fmt::format("the {} holds a '%' without two hexadecimal digits; write %25 for a percent sign", what));
  if (decoded->size() > longest)
    return base::error(fmt::format("the {} is {} bytes long; at most {} are allowed", what, decoded->size(), longest));
  return std::move(*decoded);
}

// "main/backup" of "main" and "/backup/".
std::string joined(std::string_view first, std::string_view second) {
  std::string path;
  for (std::string_view rest : {first, second}) {
    for (std::string_view segment = take_segment(rest); !segment.empty(); segment = take_segment(rest)) {
      if (!path.empty()) path += '/';
      path += segment;
    }
  }
  return path;
}

}  // namespace

base::Result<void> check_application(const Application& application) {
  if (application.app.size() > kLongestName || application.tc_url.size() > 2 * kLongestName)
    return base::error(fmt::format("the application's name is longer than {} bytes; {}", kLongestName, kForm));
  std::string_view path = split_query(application.app).path;
  if (take_segment(path) != kApp) return base::error(fmt::format("there is no application of that name; {}", kForm));
  return {};
}

base::Result<PublishName> publish_name(const Application& application, std::string_view name) {
  if (name.size() > kLongestName) return base::error(fmt::format("the stream's name is longer than {} bytes; {}", kLongestName, kForm));
  const Parts app = split_query(application.app), stream = split_query(name);
  std::string_view app_path = app.path;
  take_segment(app_path);
  std::string_view key;
  for (const std::string_view query : {stream.query, app.query, split_query(application.tc_url).query}) {
    const auto found = parameter(query, "key");
    if (found) key = *found;
    if (found) break;
  }
  const auto point = decode("stream's name", joined(app_path, stream.path), kLongestPoint);
  if (point.has_error()) return point.error();
  if (point->empty()) return base::error(fmt::format("no stream is named; {}", kForm));
  const auto decoded_key = decode("key", key, kLongestKey);
  if (decoded_key.has_error()) return decoded_key.error();
  return PublishName{.point = *point, .key = *decoded_key};
}

}  // namespace server::rtmp

#include "server/delivery/message.h"

#include <fmt/format.h>

#include <iterator>
#include <utility>

#include "base/problem_details.h"

namespace server {

const char* to_text(Resource resource) {
  switch (resource) {
    case Resource::kMultivariant:
      return "multivariant";
    case Resource::kPlaylist:
      return "playlist";
    case Resource::kManifest:
      return "manifest";
    case Resource::kInit:
      return "init";
    case Resource::kSegment:
      return "segment";
    case Resource::kPage:
      return "page";
    case Resource::kStatic:
      return "static";
    case Resource::kClock:
      return "clock";
    case Resource::kOther:
      return "other";
  }
  return "other";
}

Response text_response(int status, std::string_view content_type, std::string_view cache_control, std::string body) {
  Response response{.status = status, .content_type = content_type, .cache_control = cache_control};
  response.owner = std::make_shared<const std::string>(std::move(body));
  response.body = *response.owner;
  return response;
}

Response problem_response(int status, std::string_view reason, std::string_view detail, std::string_view cache_control) {
  const base::Json problem = base::problem_details(status, reason, detail);
  const auto replace = base::Json::error_handler_t::replace;
  return text_response(status, "application/problem+json", cache_control, problem.dump(-1, ' ', false, replace) + '\n');
}

std::string field_line(std::string_view name, std::string_view value) {
  constexpr std::string_view kEndsLine{"\r\n\0", 3};
  return value.find_first_of(kEndsLine) == std::string_view::npos ? fmt::format("{}: {}\r\n", name, value) : std::string{};
}

std::string header_text(const Response& response, std::string_view date, bool keep_alive) {
  std::string text;
  text.reserve(640);
  const auto out = std::back_inserter(text);
  fmt::format_to(out, "HTTP/1.1 {} {}\r\nDate: {}\r\nServer: rehearsal\r\n", response.status, base::reason_phrase(response.status), date);
  if (!response.content_type.empty()) fmt::format_to(out, "Content-Type: {}\r\n", response.content_type);
  if (response.status != 204 && response.status != 304) fmt::format_to(out, "Content-Length: {}\r\n", response.body.size());
  if (!response.cache_control.empty()) fmt::format_to(out, "Cache-Control: {}\r\n", response.cache_control);
  text += response.fields;
  text +=
      "Access-Control-Allow-Origin: *\r\n"
      "Access-Control-Expose-Headers: Date, Content-Length, Content-Range, ETag, Retry-After\r\n"
      "Timing-Allow-Origin: *\r\n"
      "X-Content-Type-Options: nosniff\r\n";
  text += keep_alive ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n";
  return text;
}

}  // namespace server

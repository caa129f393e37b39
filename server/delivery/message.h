// What the sockets and the routing of the media server exchange: a request as views into the received bytes, a response that
// shares its body with the segment store. Plain data.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "server/cmcd/report.h"
#include "server/package/presentation.h"

namespace server {

// The header fields of Common Media Client Data. One without CMCD-Session names no session, and is not looked at.
inline constexpr std::array<std::string_view, 4> kCmcdFields{"CMCD-Session", "CMCD-Object", "CMCD-Request", "CMCD-Status"};

enum class Method { kGet, kHead, kOptions, kOther };

// Views are good until the response was sent. Absent header fields are empty.
struct Request {
  Method method = Method::kGet;
  std::string_view target;  // as received: path and query
  std::string_view host{};
  std::string_view authorization{};
  std::string_view cookie{};
  std::string_view accept_encoding{};
  std::string_view range{};
  std::string_view if_range{};
  std::string_view if_none_match{};
  std::string_view forwarded_proto{};
  std::string_view peer{};  // address, without the port
  std::array<std::string_view, kCmcdFields.size()> cmcd{};
};

// What was asked for; a label of the metrics.
enum class Resource { kMultivariant, kPlaylist, kManifest, kInit, kSegment, kPage, kStatic, kClock, kOther };
inline constexpr int kResources = static_cast<int>(Resource::kOther) + 1;
const char* to_text(Resource resource);

struct Response {
  int status = 200;
  Resource resource = Resource::kOther;
  std::string_view content_type{};   // static storage
  std::string_view cache_control{};  // static storage
  std::string fields{};              // further header lines, each with its line end
  std::string_view body{};           // within `owner`, or static storage when there is none
  Bytes owner{};
  CmcdReportPtr cmcd{};       // what the player said with the request
  std::size_t head_size = 0;  // of the header as sent; known when it is finished
};

// A response with a body of its own.
Response text_response(int status, std::string_view content_type, std::string_view cache_control, std::string body);
// RFC 9457 problem details.
Response problem_response(int status, std::string_view reason, std::string_view detail, std::string_view cache_control);

// A line for `Response::fields`. Empty where the value would end the line: what came with a request must not add fields of its own.
std::string field_line(std::string_view name, std::string_view value);
// Status line and header fields, with the empty line. `date`: IMF-fixdate.
std::string header_text(const Response& response, std::string_view date, bool keep_alive);

}  // namespace server

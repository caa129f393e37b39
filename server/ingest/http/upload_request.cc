#include "server/ingest/http/upload_request.h"

#include <fmt/format.h>

#include <utility>

#include "base/bearer_token.h"
#include "media/url.h"

namespace server::http {
namespace {

constexpr const char* kForm = "write http://HOST/live/NAME?key=KEY";

// "http://HOST/path" as proxies send it -> "/path".
std::string_view without_authority(std::string_view target) {
  const auto authority = target.find("://");
  if (target.starts_with('/') || authority == std::string_view::npos) return target;
  const auto slash = target.find('/', authority + 3);
  return slash == std::string_view::npos ? std::string_view{} : target.substr(slash);
}

bool is_identity(std::string_view coding) { return coding.empty() || coding == "identity"; }

}  // namespace

std::variant<Problem, UploadRequest> read_head(const RequestHead& head) {
  if (!head.names_host) return Problem{400, "host", "The request needs one Host field"};
  if (head.method != "PUT" && head.method != "POST")
    return Problem{405, "method", "Contributions are sent with PUT or POST", "Allow: PUT, POST\r\n"};
  const std::string_view target = without_authority(head.target);
  const auto mark = target.find('?');
  std::string_view path = target.substr(0, mark);
  const std::string_view query = mark == std::string_view::npos ? std::string_view{} : target.substr(mark + 1);
  if (take_segment(path) != kPublishApp) return Problem{404, "no-stream", fmt::format("There is nothing of that name; {}", kForm)};
  const auto in_query = media::query_field(query, "key");
  const auto bearer = in_query ? std::nullopt : base::bearer_token(head.authorization);
  auto name = decode_publish_name(path, in_query.value_or(""), kForm);
  if (name.has_error()) return Problem{400, "name", "In the URL " + name.error().message};
  if (bearer && bearer->size() > kLongestKey)
    return Problem{400, "name", fmt::format("The key is {} bytes long; at most {} are allowed", bearer->size(), kLongestKey)};
  if (bearer) name->key = *bearer;
  if (!head.has_body)
    return Problem{411, "length", "The request has no body; send one, with \"Transfer-Encoding: chunked\" or a Content-Length"};
  if (!is_identity(head.content_encoding))
    return Problem{415, "container",
                   fmt::format("The body is coded as \"{}\"; send MPEG-TS or FLV as it is", head.content_encoding.substr(0, 64))};
  return UploadRequest{std::move(*name), container_named(head.content_type)};
}

Problem refused_container(const OtherContainer& other) {
  return {415, "container", fmt::format("The body is {}; send MPEG-TS (video/mp2t) or FLV (video/x-flv)", other.name)};
}

}  // namespace server::http

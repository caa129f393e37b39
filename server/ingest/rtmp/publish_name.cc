#include "server/ingest/rtmp/publish_name.h"

#include <fmt/format.h>

#include "media/url.h"

namespace server::rtmp {
namespace {

constexpr const char* kForm = "write rtmp://HOST/live/NAME?key=KEY";

struct Parts {
  std::string_view path, query;
};

Parts split_query(std::string_view text) {
  const std::size_t mark = text.find('?');
  return {.path = text.substr(0, mark), .query = mark == std::string_view::npos ? std::string_view{} : text.substr(mark + 1)};
}

}  // namespace

base::Result<void> check_application(const Application& application) {
  if (application.app.size() > kLongestName || application.tc_url.size() > 2 * kLongestName)
    return base::error(fmt::format("the application's name is longer than {} bytes; {}", kLongestName, kForm));
  std::string_view path = split_query(application.app).path;
  if (take_segment(path) != kPublishApp) return base::error(fmt::format("there is no application of that name; {}", kForm));
  return {};
}

base::Result<PublishName> publish_name(const Application& application, std::string_view name) {
  if (name.size() > kLongestName) return base::error(fmt::format("the stream's name is longer than {} bytes; {}", kLongestName, kForm));
  const Parts app = split_query(application.app), stream = split_query(name);
  std::string_view app_path = app.path;
  take_segment(app_path);
  std::string_view key;
  for (const std::string_view query : {stream.query, app.query, split_query(application.tc_url).query}) {
    const auto found = media::query_field(query, "key");
    if (found) key = *found;
    if (found) break;
  }
  return decode_publish_name(fmt::format("{}/{}", app_path, stream.path), key, kForm);
}

}  // namespace server::rtmp

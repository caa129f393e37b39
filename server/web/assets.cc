#include "server/web/assets.h"

#include "embedded/server_web_files.h"

namespace server {
namespace {

constexpr std::string_view kScript = "text/javascript; charset=utf-8";

void replace_all(std::string& text, std::string_view mark, std::string_view value) {
  for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark, at + value.size())) text.replace(at, mark.size(), value);
}

}  // namespace

std::optional<Asset> find_asset(std::string_view name) {
  if (name == "hls.min.js") return Asset{kScript, embedded::hls_min_js};
  if (name == "watch.js") return Asset{kScript, embedded::watch_js};
  if (name == "watch.css") return Asset{"text/css; charset=utf-8", embedded::watch_css};
  return std::nullopt;
}

std::string watch_page(std::string_view stream_name, std::string_view multivariant_path) {
  std::string page{embedded::watch_html};
  replace_all(page, "%STREAM%", stream_name);
  replace_all(page, "%MULTIVARIANT%", multivariant_path);
  return page;
}

}  // namespace server

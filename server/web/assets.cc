#include "server/web/assets.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "embedded/server_web_files.h"

namespace server {
namespace {

constexpr std::string_view kScript = "text/javascript; charset=utf-8";
constexpr std::string_view kStyle = "text/css; charset=utf-8";

void replace_all(std::string& text, std::string_view mark, std::string_view value) {
  for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark, at + value.size())) text.replace(at, mark.size(), value);
}

std::string page_for(std::string_view page, const PageStream& stream) {
  std::string text{page};
  replace_all(text, "%STREAM%", stream.name);
  replace_all(text, "%MULTIVARIANT%", stream.multivariant_path);
  return text;
}

}  // namespace

std::optional<Asset> find_asset(std::string_view name) {
  if (name == "hls.min.js") return Asset{kScript, embedded::hls_min_js};
  if (name == "player.js") return Asset{kScript, embedded::player_js};
  if (name == "watch.js") return Asset{kScript, embedded::watch_js};
  if (name == "watch.css") return Asset{kStyle, embedded::watch_css};
  if (name == "embed.js") return Asset{kScript, embedded::embed_js};
  if (name == "embed.css") return Asset{kStyle, embedded::embed_css};
  if (name == "login.js") return Asset{kScript, embedded::login_js};
  if (name == "login.css") return Asset{kStyle, embedded::login_css};
  return std::nullopt;
}

std::string watch_page(const PageStream& stream) { return page_for(embedded::watch_html, stream); }

std::string embed_page(const PageStream& stream, const std::vector<std::string>& origins) {
  std::string page = page_for(embedded::embed_html, stream);
  replace_all(page, "%ORIGINS%", fmt::format("{}", fmt::join(origins, " ")));
  return page;
}

std::string_view login_page() { return embedded::login_html; }

}  // namespace server

// The pages for viewers, and the scripts and styles they load, embedded in the program. Stateless.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace server {

struct Asset {
  std::string_view content_type;
  std::string_view bytes;  // static storage
};

// By the last element of /static/NAME: hls.min.js, player.js, watch.js, watch.css, embed.js, …
std::optional<Asset> find_asset(std::string_view name);

// What pages say about a stream. `multivariant_path` must need no escaping. Empty: there is no such stream, and the page says so.
struct PageStream {
  std::string_view name;
  std::string_view multivariant_path;
};
std::string watch_page(const PageStream& stream);
// `origins`: the pages that may start it, besides the server's own; "*": any. They must need no escaping.
std::string embed_page(const PageStream& stream, const std::vector<std::string>& origins);
std::string_view login_page();

}  // namespace server

// The watch page and the scripts and styles it loads, embedded in the program. Stateless.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace server {

struct Asset {
  std::string_view content_type;
  std::string_view bytes;  // static storage
};

// By the last element of /static/NAME: hls.min.js, watch.js, watch.css.
std::optional<Asset> find_asset(std::string_view name);
// The page for a stream; `multivariant_path` must need no escaping. Empty: there is no such stream, and the page says so.
std::string watch_page(std::string_view stream_name, std::string_view multivariant_path);

}  // namespace server

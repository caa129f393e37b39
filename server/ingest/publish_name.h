// PublishName: what a publisher over RTMP or HTTP names in its URL: the point and the key, PROTOCOL://HOST/live/NAME[/backup]?key=KEY.
// Pure; never throws.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace server {

struct PublishName {
  std::string point;  // "main", "main/backup"
  std::string key;
  friend bool operator==(const PublishName&, const PublishName&) = default;
};

// The first name of every such URL's path.
inline constexpr std::string_view kPublishApp = "live";
inline constexpr std::size_t kLongestPoint = 128;
inline constexpr std::size_t kLongestKey = 256;  // bytes, both decoded

// Takes the first name of a path, and the slashes before it.
std::string_view take_segment(std::string_view& path);
// `path`: what follows the app; slashes around it do not count. Percent escapes are decoded. `form`: for the errors, what to write instead.
base::Result<PublishName> decode_publish_name(std::string_view path, std::string_view key, std::string_view form);

}  // namespace server

// For tests: a server of a few files by URL; media (.m4s, .mp4, .ts) that is not listed is there too, anything else is not.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "harness/player/player_script.h"

namespace harness::test {

struct Site {
  std::map<std::string, Reply> files;

  Reply operator()(base::Instant, const Fetch& fetch) const {
    const auto found = files.find(fetch.url);
    if (found != files.end()) return found->second;
    const bool media = ends_with(fetch.url, ".m4s") || ends_with(fetch.url, ".mp4") || ends_with(fetch.url, ".ts");
    return media ? Reply{.bytes = 100'000_B, .took = 50ms} : Reply{.status = 404};
  }
};

// "URL" or "URL bytes=0-699" of every request, in order.
inline std::vector<std::string> requests(const PlayerScript& player) {
  std::vector<std::string> all;
  for (const Fetch& fetch : player.asked()) {
    all.push_back(fetch.url);
    for (const auto& [name, value] : fetch.headers) {
      if (name == "Range") all.back() += " " + value;
    }
  }
  return all;
}

inline PlayerScript playing(const char* url, StreamingProtocol protocol, ContentKind content = ContentKind::kVod) {
  return PlayerScript{PlayerScript::config(device(protocol), url, content)};
}

}  // namespace harness::test

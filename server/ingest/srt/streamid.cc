#include "server/ingest/srt/streamid.h"

#include <fmt/format.h>

namespace server {
namespace {

constexpr std::size_t kLongest = 512;  // bytes, by the SRT specification

bool take_prefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

void assign(StreamId& id, std::string_view key, std::string_view value) {
  if (key == "r") id.resource = value;
  if (key == "u") id.user = value;
  if (key == "m") id.mode = value;
  if (key == "t") id.type = value;
}

base::Result<StreamId> parse_pairs(std::string_view pairs) {
  StreamId id;
  while (!pairs.empty()) {
    const std::string_view pair = pairs.substr(0, pairs.find(','));
    pairs.remove_prefix(std::min(pairs.size(), pair.size() + 1));
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos || equals == 0) {
      return base::error(fmt::format("streamid: '{}' is not KEY=VALUE; write #!::r=NAME,m=publish,u=KEY", pair));
    }
    assign(id, pair.substr(0, equals), pair.substr(equals + 1));
  }
  if (id.resource.empty()) return base::error("streamid names no stream; write #!::r=NAME,m=publish,u=KEY");
  return id;
}

}  // namespace

base::Result<StreamId> parse_streamid(std::string_view text) {
  if (text.size() > kLongest) return base::error(fmt::format("streamid is {} bytes long; at most {} are allowed", text.size(), kLongest));
  if (text.find('\0') != std::string_view::npos) return base::error("streamid holds a zero byte");
  std::string_view rest = text;
  if (take_prefix(rest, "#!") || take_prefix(rest, "%23!")) {
    if (take_prefix(rest, "::")) return parse_pairs(rest);
    return base::error("streamid: only the form #!::KEY=VALUE,… is understood after '#!'");
  }
  if (text.empty()) return base::error("streamid is empty; write #!::r=NAME,m=publish,u=KEY");
  StreamId id;
  id.resource = text;
  return id;
}

}  // namespace server

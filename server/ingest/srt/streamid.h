// The SRT streamid as publishers send it: SRT Access Control ("#!::r=main,m=publish,u=KEY") or free form (the stream's name alone).
// Pure; never throws.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace server {

struct StreamId {
  std::string resource;          // r: the stream's name
  std::string user;              // u: the publish key
  std::string mode = "publish";  // m; this server only takes contributions in, so a caller that says nothing publishes
  std::string type = "stream";   // t
  friend bool operator==(const StreamId&, const StreamId&) = default;
};

// Also takes "%23!::…": clients that escape the hash. Unknown keys are ignored. The error says what is wrong with it.
base::Result<StreamId> parse_streamid(std::string_view text);

}  // namespace server

// Where anybody may publish: points that ask for no key, at listeners that more than this machine reaches. Pure.
#pragma once

#include <string>
#include <vector>

#include "server/package/streams.h"

namespace server {

// Numeric addresses; empty: not listened.
struct IngestHosts {
  std::string srt, rtmp, http;
};

// A sentence for each; an SRT passphrase is as good as a key.
std::vector<std::string> open_points(const StreamSpec& spec, const IngestHosts& hosts);

}  // namespace server

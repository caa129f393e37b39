#include "server/ingest/rtmp/handshake.h"

#include <fmt/format.h>

#include <algorithm>

#include "media/rtmp/message.h"

namespace server::rtmp {

using namespace media::rtmp;

namespace {

// S1's bytes need only differ from those of other ends of the connection.
std::string own_part() {
  std::string part(8, '\0');  // time and version
  for (std::size_t i = part.size(); i < kHandshakePart; ++i) part += static_cast<char>(i * 197 >> 3 & 0xFF);
  return part;
}

}  // namespace

base::Result<void> Handshake::receive(Bytes& bytes, std::string& out) {
  if (!answered_) {
    // Other versions (6 is RTMPE) are not taken; nor is a text protocol on the wrong port, whose first byte is 32 or more.
    if (greeting_.empty() && !bytes.empty() && bytes[0] != kVersion) {
      return base::error(fmt::format("not RTMP: the first byte is {}, not {}", bytes[0], kVersion));
    }
    greeting_ += text_of(take(bytes, std::min(bytes.size(), 1 + kHandshakePart - greeting_.size())));
    if (greeting_.size() < 1 + kHandshakePart) return {};
    out += static_cast<char>(kVersion);
    out += own_part();
    out.append(greeting_, 1);  // S2 echoes C1
    greeting_ = {};
    answered_ = true;
  }
  acknowledged_ += take(bytes, std::min(bytes.size(), kHandshakePart - acknowledged_)).size();
  return {};
}

}  // namespace server::rtmp

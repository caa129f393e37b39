// What an RTMP server answers a publisher (RTMP 1.0, sections 7.2.1 and 7.2.2). Pure.
#pragma once

#include <optional>
#include <string>

#include "media/rtmp/bytes.h"

namespace generators {

// What matters of a command from the server.
struct RtmpReply {
  std::string name;  // "_result", "_error", "onStatus"
  double transaction = 0;
  std::optional<double> number;          // the first plain one after the transaction
  std::string level, code, description;  // of an information object
};

// Nothing when the payload is no command.
std::optional<RtmpReply> read_reply(media::rtmp::Bytes payload);

}  // namespace generators

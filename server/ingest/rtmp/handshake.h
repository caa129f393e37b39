// The server's side of RTMP's simple handshake (RTMP 1.0, section 5.2): C0, C1 and C2 in, S0, S1 and S2 out. A client that offers the
// digest of Flash Player 9 falls back to the simple one when it sees S1 with a version of zero. Pure.
#pragma once

#include <string>

#include "base/result.h"
#include "media/rtmp/message.h"

namespace server::rtmp {

using media::rtmp::Bytes;

class Handshake {
 public:
  // Takes what it needs from the front of `bytes` and appends its answers to `out`. The error: this is not RTMP.
  base::Result<void> receive(Bytes& bytes, std::string& out);
  bool is_done() const { return acknowledged_ == media::rtmp::kHandshakePart; }

 private:
  std::string greeting_;  // C0 and C1 so far; empty again once answered
  bool answered_ = false;
  std::size_t acknowledged_ = 0;  // bytes of C2, whose contents nothing depends on
};

}  // namespace server::rtmp

// `rehearse replay`: recordings of real players against their emulations, in virtual time.
#pragma once

#include <string>
#include <vector>

#include "base/errors.h"
#include "harness/replay/emulation.h"

namespace harness {

struct ReplayOptions {
  std::vector<std::string> recordings;  // files, and folders of them
  std::string content;                  // file; empty: segments.json beside each recording
  std::string traces;                   // folder; empty: traces/ beside each recording
  std::string device;                   // of the catalogue; empty: the one that emulates the recording's player
  TcpModel tcp = TcpModel::kPacket;
  CongestionControl congestion_control = CongestionControl::kCubic;  // of the server's side
  bool json = false;
  bool requests = false;  // list them, too
  bool strict = false;    // a missed target is a failed gate
};

// Prints to stdout. Throws base::InvalidInput for recordings that cannot be replayed.
base::ExitCode replay(const ReplayOptions& options);

}  // namespace harness

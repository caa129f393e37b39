// Recording: a session of a real player on a known link, as docs/replay.md describes its file.
#pragma once

#include <string>

#include "base/json_reader.h"
#include "harness/replay/session_record.h"
#include "harness/scenario/scenario.h"

namespace harness {

struct Recording {
  std::string file;
  std::string player, version;  // "hls.js", "1.7.4"
  std::string trace;            // name of the link's trace
  StreamingProtocol protocol = StreamingProtocol::kHls;
  bool live = false;
  base::Duration trace_start{};  // of the trace, after t0
  SessionRecord session;
};

// Every problem with its path; what comes back is sound only when there is none. Fields that replay does not use are ignored.
Recording read_recording(const base::Json& document, std::vector<base::Problem>& problems);
// Throws base::InvalidInput.
Recording read_recording_file(const std::string& file);

}  // namespace harness

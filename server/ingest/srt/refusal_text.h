// Why an SRT listener did not take our call, in words.
#pragma once

#include <srt/srt.h>

#include <optional>
#include <string>

#include "server/ingest/admission.h"

namespace server {

struct CallRefusal {
  Refusal refusal = Refusal::kTimeout;
  std::string text;        // "does not answer"; "refuses the stream: wrong key (1401)"
  bool is_answer = false;  // the listener's: another of its addresses would say the same
};

// Of a socket whose call has failed.
CallRefusal why_refused(SRTSOCKET socket);

}  // namespace server

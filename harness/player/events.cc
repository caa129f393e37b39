#include "harness/player/events.h"

namespace harness {

bool is_from_cache(const RequestDone& request) { return request.cached.count() > 0 && request.status != 304; }

bool has_failed(const RequestDone& request) {
  if (request.failure == kAborted) return false;
  return !request.failure.empty() || request.status >= 400;
}

const char* to_text(Ending ending) {
  switch (ending) {
    case Ending::kWatchedEnough:
      return "watched";
    case Ending::kContentEnded:
      return "ended";
    case Ending::kFailed:
      return "failed";
    case Ending::kStopped:
      return "stopped";
    case Ending::kLeftBeforeStart:
      return "left-before-start";
  }
  return "";
}

}  // namespace harness

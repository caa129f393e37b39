#include "harness/player/events.h"

namespace harness {

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

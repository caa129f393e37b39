#include "server/package/streams.h"

#include "base/ensure.h"

namespace server {

const char* to_text(StreamState state) {
  switch (state) {
    case StreamState::kStarting:
      return "starting";
    case StreamState::kReady:
      return "ready";
    case StreamState::kNoFeed:
      return "no-feed";
    case StreamState::kFailed:
      return "failed";
  }
  ENSURE(false);
  return "";
}

}  // namespace server

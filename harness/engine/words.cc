#include "harness/engine/words.h"

namespace harness {

const char* to_text(RequestKind kind) {
  switch (kind) {
    case RequestKind::kPage:
      return "page";
    case RequestKind::kLogin:
      return "login";
    case RequestKind::kEntitlements:
      return "entitlements";
    case RequestKind::kToken:
      return "token";
    case RequestKind::kTokenRefresh:
      return "token-refresh";
    case RequestKind::kManifest:
      return "manifest";
    case RequestKind::kPlaylist:
      return "playlist";
    case RequestKind::kInit:
      return "init";
    case RequestKind::kVideo:
      return "video";
    case RequestKind::kAudio:
      return "audio";
    case RequestKind::kClock:
      return "clock";
  }
  return "";
}

}  // namespace harness

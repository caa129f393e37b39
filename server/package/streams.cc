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

const char* to_text(Feed feed) {
  switch (feed) {
    case Feed::kNone:
      return "none";
    case Feed::kPrimary:
      return "primary";
    case Feed::kBackup:
      return "backup";
    case Feed::kSlate:
      return "slate";
  }
  ENSURE(false);
  return "";
}

const char* to_text(SwitchReason reason) {
  switch (reason) {
    case SwitchReason::kFirstPicture:
      return "first-picture";
    case SwitchReason::kMediaGap:
      return "media-gap";
    case SwitchReason::kUnfit:
      return "unfit";
    case SwitchReason::kRecovered:
      return "recovered";
    case SwitchReason::kFailback:
      return "failback";
    case SwitchReason::kManual:
      return "manual";
    case SwitchReason::kPinned:
      return "pinned";
  }
  ENSURE(false);
  return "";
}

const char* to_text(SourceEventKind kind) {
  switch (kind) {
    case SourceEventKind::kConnected:
      return "connected";
    case SourceEventKind::kDisconnected:
      return "disconnected";
    case SourceEventKind::kRefused:
      return "refused";
    case SourceEventKind::kFormat:
      return "format";
    case SourceEventKind::kUnusable:
      return "unusable";
    case SourceEventKind::kFailed:
      return "failed";
  }
  return "";
}

const char* to_text(SourceState state) {
  switch (state) {
    case SourceState::kWaiting:
      return "waiting";
    case SourceState::kSending:
      return "sending";
    case SourceState::kSilent:
      return "silent";
    case SourceState::kFailed:
      return "failed";
  }
  ENSURE(false);
  return "";
}

}  // namespace server

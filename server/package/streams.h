// The streams of the server as control and delivery see them: the interface that server/library implements and their tests fake.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "server/ingest/health/thresholds.h"
#include "server/package/forward.h"
#include "server/package/presentation.h"

namespace server {

enum class StreamKind { kLive, kVod };
// kSrt, kRtmp, kHttp: publishers come to us. kSrtCall: we call a listener.
enum class SourceKind { kSrt, kSrtCall, kRtmp, kHttp, kFile, kPlaylist };
// kOpen: no token is needed, but one that is presented is checked. kToken: every playlist and segment needs a valid one.
enum class AccessPolicy { kOpen, kToken };

struct Rung {
  int height = 720;       // lines; the width follows the source's aspect, even
  base::Bitrate bitrate;  // target video bitrate
  friend bool operator==(const Rung&, const Rung&) = default;
};

struct SourceSpec {
  SourceKind kind = SourceKind::kSrt;
  std::string file;                // kFile: a path; a live stream loops it in real time, a VOD stream packages it once
  std::vector<std::string> files;  // kPlaylist: paths; one after the other, in real time, for ever
  std::string url;                 // kSrtCall: srt://HOST:PORT?streamid=…
  std::string publish_key;         // kSrt, kRtmp, kHttp: what the publisher must show; empty: any publisher
  std::string passphrase;          // kSrt, kSrtCall: 10 to 79 characters; empty: not encrypted
};

// When a live stream leaves one of its sources for the other.
struct FailoverSpec {
  base::Duration switch_after = std::chrono::milliseconds{400};  // without a picture; 200 ms at least
  bool failback = true;                                          // by itself, from the backup to the primary
  base::Duration failback_after = std::chrono::seconds{5};       // the primary's pictures have come for so long without a gap
  base::Duration dwell = std::chrono::seconds{5};                // on a source that works, at least
};

// What viewers see while no source sends.
struct SlateSpec {
  std::string image;  // a picture's path; empty: a plain grey one
  bool tone = false;  // 1 kHz at -20 dBFS instead of silence
};

struct StreamSpec {
  std::string name;  // [a-z0-9-]{1,64}
  StreamKind kind = StreamKind::kLive;
  SourceSpec source{};
  std::optional<SourceSpec> backup{};  // live
  FailoverSpec failover{};
  HealthThresholds health{};
  std::optional<SlateSpec> slate{};  // live; nothing: gaps
  AccessPolicy access = AccessPolicy::kOpen;
  std::vector<ForwardSpec> forward{};  // live: where it goes when it is made
  std::vector<Rung> ladder{};          // empty: 720p 2.5 Mbit/s, 480p 1.1, 240p 0.3
};

// What a live stream's pictures can come from.
enum class Feed { kNone, kPrimary, kBackup, kSlate };
const char* to_text(Feed feed);  // "none", "primary", "backup", "slate"

enum class SwitchReason { kFirstPicture, kMediaGap, kUnfit, kRecovered, kFailback, kManual, kPinned };
const char* to_text(SwitchReason reason);  // "first-picture", "media-gap", "unfit", "recovered", "failback", "manual", "pinned"

// One change of what is on air.
struct FeedSwitch {
  base::UtcTime when;
  Feed from = Feed::kNone, to = Feed::kNone;
  SwitchReason reason = SwitchReason::kFirstPicture;
  base::Duration gap{};            // from the last picture of the one to the first of the other, as they were put on air
  std::int64_t held_pictures = 0;  // how many frames of the output repeat the last picture because of it
};

enum class SourceState { kWaiting, kSending, kSilent, kFailed };
const char* to_text(SourceState state);  // "waiting", "sending", "silent", "failed"

struct ImpairedAspect {
  HealthAspect aspect = HealthAspect::kPicture;
  base::Duration lasts{};
  std::string evidence;
};

struct SourceStatus {
  Feed feed = Feed::kPrimary;
  SourceState state = SourceState::kWaiting;
  std::string reason{};  // a sentence; while it sends: what is amiss nevertheless
  bool healthy = false;  // none of the aspects that count is impaired
  std::vector<ImpairedAspect> impaired{};
};

// One change of a source's health.
struct HealthEvent {
  base::UtcTime when;
  Feed source = Feed::kPrimary;
  HealthAspect aspect = HealthAspect::kPicture;
  bool impaired = false;  // else cleared
  std::string evidence;
  std::vector<std::pair<std::string, double>> figures;
};

enum class SourceEventKind { kConnected, kDisconnected, kRefused, kFormat, kUnusable, kFailed };
// "connected", "disconnected", "refused", "format", "unusable", "failed"
const char* to_text(SourceEventKind kind);
inline constexpr std::array kEverySourceEvent{SourceEventKind::kConnected, SourceEventKind::kDisconnected, SourceEventKind::kRefused,
                                              SourceEventKind::kFormat,    SourceEventKind::kUnusable,     SourceEventKind::kFailed};
using SourceEventCounts = std::array<std::uint64_t, kEverySourceEvent.size()>;  // by kind, ever

// What happened to a source, apart from its health. Refusals that follow each other and are alike are one event.
struct SourceEvent {
  base::UtcTime when;  // the last of them
  Feed source = Feed::kPrimary;
  SourceEventKind kind = SourceEventKind::kConnected;
  std::string text{};  // a sentence, or the format
  int times = 1;
};

// kStarting: 503 to viewers. kReady. kNoFeed: a live stream whose source is away; what is listed stays fetchable. kFailed: 503 with a
// reason.
enum class StreamState { kStarting, kReady, kNoFeed, kFailed };
const char* to_text(StreamState state);  // "starting", "ready", "no-feed", "failed"

struct StreamStatus {
  StreamSpec spec;
  StreamState state = StreamState::kStarting;
  std::string reason;               // kFailed, kNoFeed: a sentence
  std::uint64_t segments = 0;       // published so far
  std::uint64_t source_losses = 0;  // times viewers went without pictures because of the contribution
  std::uint64_t late_pictures = 0;  // passed over because the encoders were behind
  Feed on_air = Feed::kNone;
  std::optional<Feed> pinned;
  std::vector<SourceStatus> sources;   // primary, backup
  std::uint64_t switches = 0;          // ever
  std::vector<FeedSwitch> switched;    // the latest, oldest first
  std::vector<HealthEvent> health;     // the latest changes, oldest first
  std::vector<SourceEvent> events;     // the latest, oldest first
  std::vector<ForwardStatus> forward;  // every destination
  SnapshotPtr snapshot;                // null until ready
};

// A publisher that was not let in, or did not stay because of what it sent. Those alike are one entry.
struct RefusedPublisher {
  base::UtcTime when;    // the last of them
  std::string protocol;  // "srt", "rtmp", "http"
  std::string point;     // "main", "main/backup", as it was asked for; empty: it did not come so far
  std::string peer;      // ADDRESS:PORT of the last of them
  std::string refusal;   // "unauthorized", "not-found", …
  std::string reason;    // a sentence
  int times = 1;
};

class StreamDirectory {
 public:
  // The name is taken, the file is missing, … : the error says so. Returns at once; the stream starts in the background.
  virtual base::Result<void> create(StreamSpec spec) = 0;
  virtual bool remove(const std::string& name) = 0;  // false: no such stream
  virtual std::optional<StreamStatus> find(const std::string& name) const = 0;
  virtual std::vector<StreamStatus> list() const = 0;
  // Puts a source of a live stream on air, for as long as it sends; pinned, whatever happens. The error says what is wrong.
  virtual base::Result<void> put_on_air(const std::string& name, Feed source, bool pinned) = 0;
  virtual base::Result<void> unpin(const std::string& name) = 0;
  // Further destinations of a live stream. The error says what is wrong.
  virtual base::Result<void> add_forward(const std::string& name, ForwardSpec spec) = 0;
  // Waits until it has let go of the destination: less than a second.
  virtual base::Result<void> remove_forward(const std::string& name, const std::string& destination) = 0;
  virtual base::Result<void> run_forward(const std::string& name, const std::string& destination, bool run) = 0;
  // The latest, oldest first.
  virtual std::vector<RefusedPublisher> refused_publishers() const = 0;

 protected:
  ~StreamDirectory() = default;
};

}  // namespace server

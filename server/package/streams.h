// The streams of the server as control and delivery see them: the interface that server/library implements and their tests fake.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "server/package/presentation.h"

namespace server {

enum class StreamKind { kLive, kVod };
enum class SourceKind { kSrt, kFile };
// kOpen: no token is needed, but one that is presented is checked. kToken: every playlist and segment needs a valid one.
enum class AccessPolicy { kOpen, kToken };

struct Rung {
  int height = 720;       // lines; the width follows the source's aspect, even
  base::Bitrate bitrate;  // target video bitrate
  friend bool operator==(const Rung&, const Rung&) = default;
};

struct StreamSpec {
  std::string name;  // [a-z0-9-]{1,64}
  StreamKind kind = StreamKind::kLive;
  SourceKind source = SourceKind::kSrt;
  std::string file;         // kFile: a path; a live stream loops it in real time, a VOD stream packages it once
  std::string publish_key;  // kSrt: the streamid's user must carry it ("#!::r=NAME,m=publish,u=KEY"); empty: any publisher
  AccessPolicy access = AccessPolicy::kOpen;
  std::vector<Rung> ladder;  // empty: 720p 2.5 Mbit/s, 480p 1.1, 240p 0.3
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
  std::uint64_t source_losses = 0;  // times the contribution went away
  SnapshotPtr snapshot;             // null until ready
};

class StreamDirectory {
 public:
  // The name is taken, the file is missing, … : the error says so. Returns at once; the stream starts in the background.
  virtual base::Result<void> create(StreamSpec spec) = 0;
  virtual bool remove(const std::string& name) = 0;  // false: no such stream
  virtual std::optional<StreamStatus> find(const std::string& name) const = 0;
  virtual std::vector<StreamStatus> list() const = 0;

 protected:
  ~StreamDirectory() = default;
};

}  // namespace server

// Where else a live stream goes: one destination as it is configured, and what it is at. Pure.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace server {

// kOutput: the highest rung and the sound as they are encoded, whatever is on air. kPrimary, kBackup: that source as it comes.
enum class ForwardWhat { kOutput, kPrimary, kBackup };
const char* to_text(ForwardWhat what);  // "output", "primary", "backup"

struct ForwardSpec {
  std::string name;          // [a-z0-9-]{1,64}
  std::string url;           // see parse_forward_url
  std::string passphrase{};  // SRT: 10 to 79 characters; empty: not encrypted
  ForwardWhat what = ForwardWhat::kOutput;
  bool enabled = true;  // else it waits to be started
};

// kWaiting: there is nothing to send yet. kRetrying: it failed and will be tried again.
enum class ForwardState { kStopped, kWaiting, kConnecting, kSending, kRetrying };
const char* to_text(ForwardState state);  // "stopped", "waiting", "connecting", "sending", "retrying"

inline constexpr std::size_t kMostForwards = 16;  // of a stream: each has a thread

struct ForwardStatus {
  ForwardSpec spec;
  ForwardState state = ForwardState::kStopped;
  std::string reason{};        // kWaiting, kRetrying: a sentence, without key and streamid
  std::uint64_t bytes = 0;     // given to the protocol
  std::uint64_t packets = 0;   // of the tracks, sent
  std::uint64_t dropped = 0;   // of the tracks, because the destination took them too slowly
  std::uint64_t connects = 0;  // successful ones
  std::uint64_t failures = 0;  // to connect, or of a connection
};

enum class ForwardProtocol { kSrt, kRtmp };

struct ForwardUrl {
  ForwardProtocol protocol = ForwardProtocol::kSrt;
  std::string host;  // without brackets
  int port = 0;
  std::string streamid{};  // SRT
  int latency_ms = 120;    // SRT; SRTO_LATENCY's default
  std::string app{};       // RTMP: what the server is asked to connect to
  std::string key{};       // RTMP: what is published there, with its query
};

inline constexpr const char* kForwardUrlForm = "srt://HOST:PORT?streamid=… or rtmp://HOST/APP/KEY";

// srt://HOST:PORT[?streamid=…&latency=MILLISECONDS], percent-encoded; rtmp://HOST[:PORT]/APP/KEY, where APP may have several parts. The
// error does not show the URL.
base::Result<ForwardUrl> parse_forward_url(const std::string& url);
// Whether a stream can be forwarded so. The error names the field, but neither key nor passphrase.
base::Result<void> check_forward(const ForwardSpec& spec, bool has_backup);
// "srt://HOST:PORT", "rtmp://HOST:PORT/APP/…": who may see this may not publish there.
std::string without_key(const ForwardUrl& url);

}  // namespace server

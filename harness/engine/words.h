// The words that sessions and engines share.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/time.h"
#include "base/units.h"

namespace harness {

// kPage: a web page, its styles and scripts; kLogin and kEntitlements: what an account is asked before a token; kPlaylist: an HLS media
// playlist, or the segment index of a DASH file; kClock: what time it is, for DASH.
enum class RequestKind { kPage, kLogin, kEntitlements, kToken, kTokenRefresh, kManifest, kPlaylist, kInit, kVideo, kAudio, kClock };
inline constexpr std::size_t kRequestKinds = 11;
constexpr std::size_t index_of(RequestKind kind) { return static_cast<std::size_t>(kind); }
static_assert(index_of(RequestKind::kClock) + 1 == kRequestKinds);
// "page", "login", "entitlements", "token", "token-refresh", "manifest", "playlist", "init", "video", "audio", "clock"
const char* to_text(RequestKind kind);

enum class TrackKind : std::uint8_t { kVideo, kAudio };  // kVideo also carries muxed and audio-only content
inline constexpr std::array kTrackKinds{TrackKind::kVideo, TrackKind::kAudio};
constexpr TrackKind other_than(TrackKind kind) { return kind == TrackKind::kVideo ? TrackKind::kAudio : TrackKind::kVideo; }
constexpr std::size_t index_of(TrackKind kind) { return static_cast<std::size_t>(kind); }

// Which news of a running download an engine may heed: none before that instant, nor with less of the body received.
struct Heed {
  base::Instant from{};
  base::ByteCount received{};
};

// What the progress line and the per-second series show. kStarting: waiting for the first frame, or for the first after a seek.
enum class PlayerState : std::uint8_t { kIdle, kStarting, kPlaying, kStalled, kPaused, kEnded };

// How long so much media lasts at a speed of play; at none as at normal speed.
inline base::Duration in_wall_time(base::Duration media, double rate) {
  return base::Duration{static_cast<std::int64_t>(static_cast<double>(media.count()) / (rate > 0 ? rate : 1))};
}

}  // namespace harness

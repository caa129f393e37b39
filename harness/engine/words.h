// The words that sessions and engines share.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace harness {

// kPage: a web page, its styles and scripts; kLogin and kEntitlements: what an account is asked before a token.
enum class RequestKind { kPage, kLogin, kEntitlements, kToken, kTokenRefresh, kManifest, kPlaylist, kInit, kVideo, kAudio };
const char* to_text(
    RequestKind kind);  // "page", "login", "entitlements", "token", "token-refresh", "manifest", "playlist", "init", "video", …

enum class TrackKind : std::uint8_t { kVideo, kAudio };  // kVideo also carries muxed and audio-only content
inline constexpr std::array kTrackKinds{TrackKind::kVideo, TrackKind::kAudio};
constexpr std::size_t index_of(TrackKind kind) { return static_cast<std::size_t>(kind); }

// What the progress line and the per-second series show.
enum class PlayerState { kIdle, kStarting, kPlaying, kStalled, kEnded };

}  // namespace harness

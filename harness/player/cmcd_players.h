// Which CMCD a player sends with which request: a rule for each engine, read from its sources (hls.js 1.7.4, dash.js 5.2.1,
// Shaka 5.2.12), and one that says all it knows. Pure. Where an engine's text breaks the standard (a bare number where version 2
// wants a list, a fraction where it wants a whole number), the standard's form is written. docs/cmcd.md lists what each sends.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "harness/player/cmcd.h"
#include "harness/player/events.h"

namespace harness {

enum class CmcdPlayer { kStandard, kHlsJs, kDashJs, kShaka };
// kStandard for engines without a rule of their own.
CmcdPlayer cmcd_player(EngineKind engine);

// What a session knows at the instant of a request. "Of the track": of the one that is asked for.
struct CmcdMoment {
  CmcdPlayer player = CmcdPlayer::kStandard;
  RequestKind kind = RequestKind::kManifest;
  StreamingProtocol protocol = StreamingProtocol::kHls;
  bool audio = false;          // kInit: of the audio track
  bool muxed = false;          // the video track carries the audio, too
  std::optional<bool> live{};  // absent: before the first listing
  std::string next_url{};      // media: absolute URL of the segment behind this one in the same rendition; empty: none, or not known
  std::string next_range{};    // and its bytes: "1024-2047"
  std::optional<base::Bitrate> bitrate{};           // declared, of the rendition asked for
  std::optional<base::Bitrate> top_bitrate{};       // of the track, among those the player may choose
  std::optional<base::Bitrate> lowest_bitrate{};    // of the video track
  std::optional<base::Bitrate> playhead_bitrate{};  // of the track at the playhead
  std::optional<base::Duration> duration{};         // of the segment asked for
  std::optional<base::Duration> buffer{};           // of the track; absent: nothing was appended yet
  std::optional<base::Duration> shortest_buffer{};  // of all tracks
  std::optional<base::Bitrate> throughput{};        // that the next choice will count on; absent: nothing was measured, and no default
  double playback_rate = 1;
  bool started = false;                           // the first frame was shown
  bool stalled = false, seeking = false;          // now
  bool hidden = false;                            // the page is in the background
  base::Duration since_begin{};                   // since the player began: what comes before it counts to startup only
  std::optional<base::Duration> startup_time{};   // once it is known
  std::optional<base::Duration> latency{};        // behind the live edge, while playing
  std::optional<base::Duration> playhead_time{};  // in the presentation

  // What a CmcdReporter remembers and fills in.
  std::string session{}, content{};
  bool first_of_track = false;                   // no segment of the track was asked for before
  bool starved = false;                          // a stall not yet reported (of the track, where the engine tells them apart)
  std::optional<base::Duration> stall_lasted{};  // of a stall that ended and whose length is not yet reported
  bool delay_reported = false;                   // msd was sent
  std::uint32_t sequence = 0;
};

// Nothing to send (all members as they are by default) for token requests: they do not go to the servers of the stream.
CmcdFacts cmcd_facts(const CmcdMoment& moment);

}  // namespace harness

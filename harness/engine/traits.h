// What an engine is made of besides its rules: data that the session acts on. The figures of the emulated engines stand in
// calibration.cc, each with how it was obtained.
#pragma once

#include <string_view>

#include "base/time.h"

namespace harness {

// The time between a cause and the request that follows from it, as the page sees it: from the moment the cause is known (its last
// byte is here) to the call. Gaps between segments are the engine's own (Load::pause).
struct RequestPace {
  base::Duration manifest{};                // pressing play to the manifest request
  base::Duration playlist{};                // HLS: multivariant playlist to the first media playlist
  base::Duration audio_playlist{};          // HLS: and this much later the audio playlist
  base::Duration first_video{};             // all listings that the first segment needs to the first init (or segment) request
  base::Duration first_audio{};             // the same for audio
  base::Duration after_init{};              // engines that fetch init and segment one after the other: init to segment
  base::Duration after_first_video_init{};  // the same the first time; zero: as always
  base::Duration after_first_audio_init{};
  base::Duration call_to_wire{};  // any request: the call to its bytes leaving
  friend bool operator==(const RequestPace&, const RequestPace&) = default;
};

// The element that plays: when it starts, stalls and resumes.
struct MediaElement {
  base::Duration start_buffer{};   // media needed on every track at the playhead to start
  base::Duration resume_buffer{};  // and to resume after a stall
  base::Duration append{};         // last byte of a segment to its media being in the buffer
  base::Duration start{};          // enough in the buffer to playing, the first time
  base::Duration resume{};         // the same after a stall
  base::Duration sets_off{};       // playing to the playhead moving, the first time; counts as played
  base::Duration runs_dry{};       // media left in the poorer track when a stall begins
  base::Duration without_video{};  // it plays on for so long when video alone has run dry, and shows the last picture
  friend bool operator==(const MediaElement&, const MediaElement&) = default;
};

// After which a request without a complete answer is given up, from its leaving.
struct RequestTimeouts {
  base::Duration listing = std::chrono::seconds{10};  // tokens, manifests, playlists
  base::Duration media = std::chrono::seconds{20};    // init and segments
  base::Duration first_byte{};                        // segments: without a first byte; zero: not watched
  base::Duration silence{};                           // init and segments: without a further byte; zero: not watched
  friend bool operator==(const RequestTimeouts&, const RequestTimeouts&) = default;
};

// What a player makes of an HLS server that holds requests for what is not listed yet (_HLS_msn, RFC 8216bis, 6.2.5.2).
enum class BlockingReload : std::uint8_t {
  kNever,
  kOnTime,   // asks for the next segment's playlist when it would ask anyway
  kAdvance,  // asks for it at once; when nothing new came, as if there were no such server
  kAlways,   // asks for it at once; when nothing new came, half a target duration after the last request: the server may not hold it
};

struct EngineTraits {
  std::string_view name;              // "hls.js-1.7"
  bool http_cache = false;            // it runs in a browser, whose HTTP cache stands between it and the network
  bool init_beside_segment = false;   // init and the first segment behind it are asked for at once
  bool keeps_one_init = false;        // an init is fetched again with each change of rendition
  bool overwrites = false;            // media for a stretch that is buffered already replaces it
  bool jumps_holes = false;           // a hole in the media is jumped as soon as something lies behind it
  bool starts_by_video = false;       // live: from the video playlist alone, audio's is not waited for
  bool reloads_by_segment = false;    // a live playlist whose last segment is shorter than the target is asked for again after that time
  bool grows_while_loading = false;   // media can be played as its bytes arrive; needs progress_every
  bool starts_on_segment = false;     // live: at the start of the segment that holds the position
  bool audio_playlist_last = false;   // HLS: the first video playlist alone says where to start; the audio's is asked for then
  bool steers_rate = false;           // playback_rate() is not always 1
  int min_buffer_halves = 0;          // live DASH that does not say how far behind: so many times half its minBufferTime; 0: four segments
  base::Duration back_buffer{};       // media behind the playhead that is kept: seeking back into it loads nothing
  bool reloads_from_arrival = false;  // the time to a live listing's next request runs from its last byte, not from its request
  bool reloads_together = false;      // HLS: all live playlists at once, a target duration after the last time, changed or not
  BlockingReload blocking_reload = BlockingReload::kNever;
  base::Duration progress_every{};  // how often the engine looks at a running download; zero: never
  base::Duration poll_unlisted{};   // a segment not listed yet is looked for this often; zero: as soon as it is listed
  RequestTimeouts timeouts;
  RequestPace pace;
  MediaElement element;
  friend bool operator==(const EngineTraits&, const EngineTraits&) = default;
};

}  // namespace harness

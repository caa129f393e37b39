// Common Media Client Data as text: what a player tells a server about itself with a request, in version 1 (CTA-5004) or version 2
// (CTA-5004-A), as header fields or as a query parameter. Knows the standard's keys, units, rounding and grouping; which of them a
// player sends with which request is in cmcd_players.h. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"
#include "base/units.h"
#include "harness/scenario/scenario.h"

namespace harness {

enum class CmcdObject { kManifest, kAudio, kVideo, kMuxed, kInit, kCaption, kTimedText, kKey, kOther };
enum class CmcdFormat { kDash, kHls, kSmooth, kOther };
enum class CmcdStream { kVod, kLive, kLowLatency };  // version 1 knows no low latency and is told kLive
enum class CmcdState { kStarting, kPlaying, kSeeking, kRebuffering, kPaused, kWaiting, kEnded, kFatalError, kQuit, kPreloading };

// An element of a list. Version 2 writes the whole list, version 1 the element of the object that is asked for, or else the first.
struct CmcdRate {
  base::Bitrate rate;
  std::optional<CmcdObject> of{};  // version 2 writes it as a parameter: (2500;v)
};
struct CmcdLength {
  base::Duration length;
  std::optional<CmcdObject> of{};
};
struct CmcdNext {
  std::string url;      // absolute; written relative to the request's URL
  std::string range{};  // "0-1023"; version 1 writes it as nrr
};

// What is known; what is absent, empty or false is not written. In quotes: the standard's keys.
struct CmcdFacts {
  std::vector<CmcdRate> bitrate{};                      // "br": declared, of what is asked for
  std::vector<CmcdRate> top_bitrate{};                  // "tb": the highest of its kind
  std::vector<CmcdRate> measured_throughput{};          // "mtp"
  std::vector<CmcdLength> buffer_length{};              // "bl": of the track that is asked for
  std::optional<base::Duration> object_duration{};      // "d"
  std::optional<base::Duration> deadline{};             // "dl": until the buffer is empty
  std::optional<base::Bitrate> requested_throughput{};  // "rtp": more would not help
  std::vector<CmcdNext> next{};                         // "nor"
  std::optional<CmcdObject> object{};                   // "ot"
  std::optional<CmcdFormat> format{};                   // "sf"
  std::optional<CmcdStream> stream{};                   // "st"
  std::optional<double> playback_rate{};                // "pr"; 1 is not written
  std::string content{};                                // "cid", at most 128 characters
  std::string session{};                                // "sid", at most 64 characters
  bool starved = false;                                 // "bs": a stall since the last report
  bool startup = false;                                 // "su": needed urgently
  // Version 2 only.
  std::vector<CmcdRate> lowest_bitrate{};             // "lb"
  std::vector<CmcdRate> playhead_bitrate{};           // "pb"
  std::vector<CmcdRate> top_playable_bitrate{};       // "tpb"
  std::vector<CmcdLength> stall_durations{};          // "bsd": since the last report
  std::optional<base::Duration> media_start_delay{};  // "msd": once per session
  std::optional<base::Duration> live_latency{};       // "ltc"
  std::optional<base::Duration> playhead_time{};      // "pt"
  std::optional<CmcdState> state{};                   // "sta"
  std::optional<std::uint32_t> sequence{};            // "sn": counts the session's requests from 0
  std::vector<std::string> errors{};                  // "ec"
  bool hidden = false;                                // "bg"
};

using HeaderFields = std::vector<std::pair<std::string, std::string>>;

// Everything in one text, keys in alphabetical order: bl=5000,br=2500,sid="…". `url`: of the request, for "nor".
std::string cmcd_text(const CmcdFacts& facts, int version, std::string_view url);
// Up to four header fields, each with the keys of its group.
HeaderFields cmcd_headers(const CmcdFacts& facts, int version, std::string_view url);
// `url` with the query parameter CMCD added, percent-encoded.
std::string cmcd_url(const CmcdFacts& facts, int version, std::string_view url);

// `to` as a reference relative to `from` (RFC 3986, section 4.2); unchanged when it is on another server.
std::string relative_reference(std::string_view from, std::string_view to);

}  // namespace harness

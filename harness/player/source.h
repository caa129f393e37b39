// Source: the manifest side of a session: what the stream lists, which listing to load next and when, where to start. One
// implementation for each protocol (hls_source.cc, dash_source.cc); the session above knows no protocol. Pure.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/boxed.h"
#include "base/result.h"
#include "base/shared_text.h"
#include "harness/engine/ladder_change.h"
#include "harness/engine/traits.h"
#include "harness/player/ladder.h"
#include "harness/player/player_session.h"
#include "harness/player/shared_listings.h"
#include "harness/player/track.h"

namespace harness {

// The lanes of a session: at most one request is in flight on each.
enum class Slot : std::uint8_t { kToken, kManifest, kVideoPlaylist, kAudioPlaylist, kClock, kVideoInit, kAudioInit, kVideo, kAudio };
inline constexpr std::size_t kSlots = 9;
inline constexpr std::array kListingSlots{Slot::kManifest, Slot::kVideoPlaylist, Slot::kAudioPlaylist, Slot::kClock};
constexpr std::size_t index_of(Slot slot) { return static_cast<std::size_t>(slot); }
constexpr bool is_media(Slot slot) { return index_of(slot) >= index_of(Slot::kVideoInit); }
// Whose listing, init or segments it carries.
constexpr TrackKind track_of(Slot slot) {
  return slot == Slot::kAudioPlaylist || slot == Slot::kAudioInit || slot == Slot::kAudio ? TrackKind::kAudio : TrackKind::kVideo;
}

// How a listing is asked for.
struct ListingRequest {
  base::SharedText url;
  std::optional<media::ByteRange> range{};
  const char* method = "GET";
};

// A listing that has arrived.
struct Listing {
  Slot slot = Slot::kManifest;
  base::SharedText body;
  base::Instant asked, arrived;
  base::SharedText url{};               // where it came from, after redirects; empty: where it was asked for
  bool partial = false;                 // the server has cut out the range that was asked for
  std::optional<base::UtcTime> date{};  // of the answer
};

class Source {
 public:
  virtual ~Source() = default;

  // When the listing of this slot should next be asked for; absent: not (again).
  virtual std::optional<base::Instant> due(Slot slot) const = 0;
  virtual ListingRequest request(Slot slot) const = 0;
  virtual base::Result<void> receive(const Listing& listing) = 0;
  // The listing could not be had. True: the source goes on without it.
  virtual bool does_without(Slot) { return false; }
  // How many other places have what this slot asks for, and: from now on the next one, in turn.
  virtual std::size_t other_places(Slot) const { return 0; }
  virtual void move_on(Slot) {}

  // Ascending; empty until the manifest is in.
  virtual const std::vector<LadderRung>& ladder() const = 0;
  // How the ladder has changed since this was asked last, if it has: told once.
  virtual base::Boxed<LadderChange> take_ladder_change() { return {}; }
  // Index in the ladder of what the manifest lists first.
  virtual std::size_t first_listed() const = 0;
  // Whether the segments of this rendition are known (an outdated live playlist counts).
  virtual bool is_listed(std::size_t rendition) const = 0;
  // The video rendition to load from now on.
  virtual void select(std::size_t rendition, base::Instant now) = 0;
  virtual bool has_audio() const = 0;
  // Of the selected rendition; null until it is listed freshly enough to be loaded.
  virtual const Track* track(TrackKind kind) const = 0;
  // Where a segment is, and its init. Requires: the track lists it, and has one.
  virtual base::SharedText segment_url(TrackKind kind, const Segment& segment) const = 0;
  virtual base::SharedText init_url(TrackKind kind, const Segment& segment) const = 0;

  // No segment will follow the listed ones.
  virtual bool is_ended(TrackKind kind) const = 0;
  // Presentation time whose segments exist at `now`, for timelines that go by the clock.
  virtual base::Duration clock(base::Instant now) const = 0;
  virtual base::Duration window_start(TrackKind kind, base::Instant now) const = 0;
  // Where to start, or to go on after falling out of the live window. Requires: all tracks are there.
  virtual base::Duration start_position(base::Instant now) const = 0;
  virtual base::Duration live_delay() const = 0;
  // The stream says it itself by HOLD-BACK.
  virtual bool names_live_delay() const { return false; }
  // Every segment can be decoded without the one before it.
  virtual bool is_independent() const { return true; }
  // Segments had to be looked at before the listings were understood: the time to their next reload begins now.
  virtual void read(base::Instant) {}
  virtual base::Duration target_duration() const = 0;
  // When presentation time 0 was, in UTC by our own clock, where the stream says it.
  virtual std::optional<base::UtcTime> zero() const = 0;
  // From when on the live edge has not moved for three target durations, if nothing more comes; nothing where it need not move.
  virtual std::optional<base::Instant> stale_from() const = 0;
  bool is_stale(base::Instant now) const {
    const auto from = stale_from();
    return from && now >= *from;
  }
};

// `config`, `traits` and `shared` must outlive the source.
std::unique_ptr<Source> make_source(const PlayerConfig& config, const EngineTraits& traits, SharedListings& shared);

}  // namespace harness

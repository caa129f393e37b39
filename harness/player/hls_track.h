// An HLS media playlist as a Track, and where it belongs on the presentation timeline that the session's other playlists share.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/result.h"
#include "harness/player/track.h"
#include "media/hls_reload.h"

namespace harness {

// The same for every session, wherever it stood and whenever it came.
struct HlsListing {
  Track track;            // from 0; moved() to its place by a session
  base::Duration target;  // EXT-X-TARGETDURATION, at most a minute
  std::optional<base::Duration> hold_back;
  bool blocks = false;  // CAN-BLOCK-RELOAD: the server holds a request until what it names is listed
  bool ended = false;
  bool independent = false;                            // EXT-X-INDEPENDENT-SEGMENTS
  std::int64_t first_number = 0;                       // segments of no length count
  std::optional<base::UtcTime> date;                   // of the first segment, from the first EXT-X-PROGRAM-DATE-TIME
  std::shared_ptr<const media::HlsReading> reading{};  // of a live one: the next is read by what has changed
};

// A listing where it stood.
struct HlsPlace {
  std::shared_ptr<const HlsListing> said;
  base::SharedText url;  // that its URIs are relative to
  base::SharedText segment_url(const Segment& segment) const;
  base::SharedText init_url(const Segment& segment) const;
  mutable UrlCache urls{}, init_urls{};  // what those two have said
};

// Segments of no length are left out; a dated discontinuity may step forward. Errors: an ended playlist that lists nothing.
base::Result<HlsListing> hls_listing(const media::HlsMediaPlaylist& playlist);

// What `before` was asked for is still known, where that is the same. `said` is what `playlist` lists. Errors: it lists itself.
base::Result<HlsPlace> hls_place(std::shared_ptr<const HlsListing> said, const media::HlsMediaPlaylist& playlist,
                                 const base::SharedText& url, const HlsPlace& before);

// The presentation time of the listing's first segment: that of the same segment number in one of `known` (the same rendition's
// earlier listing first), unless the dates say it is another segment; else by its date (`zero`: the date of presentation time 0);
// else following the first of `known`; else 0.
base::Duration aligned_start(const HlsListing& listing, std::span<const Track* const> known, std::optional<base::UtcTime> zero);

}  // namespace harness

// Track: one rendition of video or audio as numbered, timed segments, whatever protocol listed it. Equal neighbours are kept as runs,
// so a long or endless timeline costs a few dozen bytes. Presentation times are relative to an origin that all tracks of a session
// share. Immutable once built by hls_track.cc or dash_tracks.cc.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "base/units.h"
#include "harness/engine/words.h"
#include "harness/player/uri_set.h"
#include "media/hls.h"

namespace harness {

inline constexpr base::Duration kForever = std::chrono::hours{24 * 365 * 100};

struct Segment {
  std::int64_t number = 0;
  base::Duration start{};
  base::Duration duration{};
  std::int64_t time = 0;     // in ticks of its source, for $Time$
  std::uint32_t source = 0;  // index in Track::sources
  bool gap = false;          // listed, but there is nothing to fetch
  base::Duration end() const { return start + duration; }
};

// `count` segments of equal duration.
struct SegmentRun {
  std::int64_t number = 0;  // of the first
  std::int64_t count = 1;
  std::int64_t time = 0;   // ticks
  std::int64_t ticks = 1;  // duration of each, positive
  std::uint32_t source = 0;
  bool gap = false;
  bool by_clock = false;  // a segment exists only once its end has passed on the live clock
};

// A URI, relative to the document that names it, and which bytes of it.
struct Address {
  std::string uri;
  std::optional<media::ByteRange> range;
  friend bool operator==(const Address&, const Address&) = default;
};

// What segments of a run have in common.
struct SegmentSource {
  std::int64_t timescale = 1'000'000'000;  // ticks per second, positive
  base::Duration shift{};                  // presentation time of tick 0
  std::optional<Address> init;
  std::string pattern;  // DASH media template; empty: the track's UriSet
  std::string representation;
  base::Bitrate bandwidth;
};

class Track {
 public:
  // Follows the last run; merged with it where it continues it. Requires: source was added, ticks > 0, count > 0.
  void add(const SegmentRun& run);
  std::uint32_t add(SegmentSource source);
  // For tracks without patterns: the URI of each number from `first` on, and its bytes (no ranges: whole resources).
  void list(std::int64_t first, UriSet uris, std::vector<std::optional<media::ByteRange>> ranges);

  bool empty() const { return runs_.empty(); }
  // The first segment that reaches beyond `cursor`, gaps included, among those that exist at `clock`.
  std::optional<Segment> after(base::Duration cursor, base::Duration clock = kForever) const {
    return find(cursor, clock, Gaps::kIncluded);
  }
  // The first that can be fetched.
  std::optional<Segment> fetchable_after(base::Duration cursor, base::Duration clock = kForever) const {
    return find(cursor, clock, Gaps::kPassed);
  }
  std::optional<Segment> numbered(std::int64_t number) const;
  base::Duration start() const;
  base::Duration end(base::Duration clock = kForever) const;
  base::Duration longest_segment() const;
  std::int64_t first_number() const { return runs_.empty() ? 0 : runs_.front().number; }
  std::int64_t last_number() const;
  bool is_by_clock() const;
  base::Bitrate bandwidth() const { return sources_.empty() ? base::Bitrate{} : sources_.front().bandwidth; }  // zero: not declared

  Address address(const Segment& segment) const;
  const std::optional<Address>& init(const Segment& segment) const { return sources_[segment.source].init; }

 private:
  enum class Gaps { kIncluded, kPassed };
  std::optional<Segment> find(base::Duration cursor, base::Duration clock, Gaps gaps) const;
  Segment nth(const SegmentRun& run, std::int64_t i) const;
  std::int64_t existing(const SegmentRun& run, base::Duration clock) const;
  base::Duration presented(const SegmentRun& run, std::int64_t ticks) const;
  std::vector<SegmentRun> runs_;
  std::vector<SegmentSource> sources_;
  std::int64_t first_listed_ = 0;
  UriSet uris_;
  std::vector<std::optional<media::ByteRange>> ranges_;
};

}  // namespace harness

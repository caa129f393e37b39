// Track: one rendition of video or audio as numbered, timed segments, whatever protocol listed it. Equal neighbours are kept as runs,
// so a long or endless timeline costs a few dozen bytes. Presentation times are relative to an origin that all tracks of a session
// share. A value whose copies share what they list, wherever each is placed on its timeline (shared_listings.h).
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "base/units.h"
#include "harness/engine/words.h"
#include "harness/player/uri_set.h"
#include "harness/player/url_cache.h"
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
  // The two are one.
  bool is_continued_by(const SegmentRun& next) const;
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
  std::string pattern;  // DASH media template; empty: the UriSet of the source, or the bytes of the file that the base URL names
  std::string representation;
  base::Bitrate bandwidth;
  std::vector<std::string> bases{};         // DASH: base URLs below the MPD's, any of which will do
  std::int64_t first = 0;                   // DASH: number of the first segment
  std::optional<media::ByteRange> index{};  // DASH: the segments are not known before these bytes are read
  std::optional<base::Duration> until{};    // where an indexed file has to end
  std::vector<std::int64_t> edges{};        // of an indexed file: the byte where each segment begins, and where the last ends
};

class Track {
 public:
  Track();
  // The same, all of it `later`.
  Track moved(base::Duration later) const;

  // Follows the last run; merged with it where it continues it. Requires: source was added, ticks > 0, count > 0.
  void add(const SegmentRun& run);
  std::uint32_t add(SegmentSource source);
  // For sources without patterns: the URI of each number from `first` on, and its bytes (no ranges: whole resources). The last set is
  // that of the sources that have none of their own.
  void list(std::int64_t first, UriSet uris, std::vector<std::optional<media::ByteRange>> ranges, std::uint32_t source = 0);

  // The first source whose segments are not known yet.
  std::optional<std::uint32_t> unread() const;
  const SegmentSource& source(std::uint32_t index) const { return listed_->sources[index]; }
  // What its index says; its runs are put before those of later sources. Requires: it is unread; one edge more than segments.
  void read(std::uint32_t source, std::int64_t timescale, const std::vector<SegmentRun>& runs, std::vector<std::int64_t> edges);

  bool empty() const { return listed_->runs.empty(); }
  // The first segment that reaches beyond `cursor`, gaps included, among those that exist at `clock`.
  std::optional<Segment> after(base::Duration cursor, base::Duration clock = kForever) const {
    return find(cursor, clock, Gaps::kIncluded);
  }
  // The first that can be fetched.
  std::optional<Segment> fetchable_after(base::Duration cursor, base::Duration clock = kForever) const {
    return find(cursor, clock, Gaps::kPassed);
  }
  // Each period of DASH may count from 1: the one nearest to `start`.
  std::optional<Segment> numbered(std::int64_t number, base::Duration start = {}) const;
  base::Duration start() const;
  base::Duration end(base::Duration clock = kForever) const;
  base::Duration longest_segment() const { return listed_->longest; }
  std::int64_t first_number() const { return empty() ? 0 : listed_->runs.front().number; }
  std::int64_t last_number() const;
  bool is_by_clock() const;
  base::Bitrate bandwidth() const {
    return listed_->sources.empty() ? base::Bitrate{} : listed_->sources.front().bandwidth;
  }  // zero: not declared

  // Relative to the document that lists it, and which bytes of it.
  std::string uri(const Segment& segment) const;
  std::optional<media::ByteRange> range(const Segment& segment) const;
  // What `make` says that the absolute URL is, written once for all tracks that share what they list: it depends on nothing but the
  // segment and `place`.
  template <class Make>
  base::SharedText url(const Segment& segment, std::size_t place, const Make& make) const {
    return listed_->urls.get({segment.number, segment.time, segment.source, static_cast<std::uint32_t>(place)}, make);
  }
  template <class Make>
  base::SharedText init_url(const Segment& segment, std::size_t place, const Make& make) const {
    return listed_->init_urls.get({segment.source, 0, segment.source, static_cast<std::uint32_t>(place)}, make);
  }
  // Each source's is the same.
  bool has_inits_of(const Track& other) const;
  const std::optional<Address>& init(const Segment& segment) const { return listed_->sources[segment.source].init; }

 private:
  struct UriList {
    std::uint32_t source = 0;
    std::int64_t first = 0;
    UriSet uris;
    std::vector<std::optional<media::ByteRange>> ranges;
  };
  // Where a run lies, before the shift.
  struct Span {
    base::Duration start{}, end{};
  };
  struct Listed {
    std::vector<SegmentRun> runs;
    std::vector<Span> spans;   // of the runs
    base::Duration longest{};  // segment
    std::vector<SegmentSource> sources;
    std::vector<UriList> uris;
    std::size_t unread = 0;  // sources
    UrlCache urls{}, init_urls{};
  };
  enum class Gaps { kIncluded, kPassed };
  Listed& changed();
  std::optional<Segment> find(base::Duration cursor, base::Duration clock, Gaps gaps) const;
  Segment nth(const SegmentRun& run, std::int64_t i) const;
  std::int64_t existing(const SegmentRun& run, base::Duration start, base::Duration clock) const;
  base::Duration presented(const SegmentRun& run, std::int64_t ticks) const { return placed(unplaced(*listed_, run, ticks)); }
  static base::Duration unplaced(const Listed& listed, const SegmentRun& run, std::int64_t ticks);
  base::Duration placed(base::Duration unplaced) const;
  static void measure(Listed& listed, std::size_t run);
  const UriList& uris_of(std::uint32_t source) const;

  std::shared_ptr<Listed> listed_;  // changed only while nobody shares it
  base::Duration shift_{};
};

}  // namespace harness

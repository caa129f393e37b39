#include "harness/player/hls_track.h"

#include <algorithm>

#include "harness/player/live_timing.h"
#include "media/url.h"

namespace harness {
namespace {

using namespace std::chrono_literals;

constexpr base::Duration kLongestSegment = 1h;
constexpr base::Duration kShortestSegment = 1ms;
constexpr std::int64_t kHighestNumber = std::int64_t{1} << 60;
constexpr base::Duration kFarthest = std::chrono::hours{24 * 365 * 90};

base::Duration length(const media::HlsSegment& segment) { return std::clamp<base::Duration>(segment.duration, 0s, kLongestSegment); }
std::int64_t first_number(const media::HlsMediaPlaylist& playlist) {
  return std::clamp<std::int64_t>(playlist.media_sequence, 0, kHighestNumber);
}

base::Duration length_before(const media::HlsMediaPlaylist& playlist, std::size_t count) {
  base::Duration sum{};
  for (std::size_t i = 0; i < count && i < playlist.segments.size(); ++i) sum += length(playlist.segments[i]);
  return sum;
}

std::optional<base::UtcTime> date_of_start(const media::HlsMediaPlaylist& playlist) {
  for (std::size_t i = 0; i < playlist.segments.size(); ++i) {
    const auto date = plausible(playlist.segments[i].program_date_time);
    if (date) return plausible(*date - length_before(playlist, i));
  }
  return std::nullopt;
}

// Some URI of the playlist names the playlist.
bool lists_itself(const media::HlsMediaPlaylist& playlist, const std::string& url) {
  const std::string_view path = std::string_view{url}.substr(0, url.find('?'));
  const std::string_view name = path.substr(path.rfind('/') + 1);
  if (name.empty()) return false;
  return std::any_of(playlist.segments.begin(), playlist.segments.end(), [&](const media::HlsSegment& segment) {
    const std::string_view uri = std::string_view{segment.uri}.substr(0, segment.uri.find('?'));
    return uri.ends_with(name) && media::resolve_url(url, uri) == path;
  });
}

// Where the first segment lies if `known` lists a segment of the same number.
std::optional<base::Duration> start_by_number(const HlsListing& listing, const Track& known) {
  if (known.empty() || listing.first_number > known.last_number()) return std::nullopt;
  for (std::int64_t n = std::max(listing.first_number, known.first_number()); n <= listing.track.last_number(); ++n) {
    const auto mine = listing.track.numbered(n);
    const auto same = mine ? known.numbered(n) : std::nullopt;
    if (same) return same->start - mine->start;
  }
  return std::nullopt;
}

base::Duration following(const HlsListing& listing, const Track& known) {
  const std::int64_t missing = std::clamp<std::int64_t>(listing.first_number - known.last_number() - 1, 0, 100'000);
  return known.end() + missing * listing.target;
}

std::uint32_t add_source(Track& track, const std::optional<media::HlsInit>& init) {
  SegmentSource source;
  if (init) source.init = Address{.uri = init->uri, .range = init->range};
  return track.add(std::move(source));
}

void list_addresses(Track& track, const media::HlsMediaPlaylist& playlist) {
  std::vector<std::string_view> uris;
  uris.reserve(playlist.segments.size());
  for (const media::HlsSegment& segment : playlist.segments) uris.push_back(segment.uri);
  std::vector<std::optional<media::ByteRange>> ranges;
  const bool whole =
      std::none_of(playlist.segments.begin(), playlist.segments.end(), [](const auto& segment) { return segment.range.has_value(); });
  for (std::size_t i = 0; !whole && i < playlist.segments.size(); ++i) ranges.push_back(playlist.segments[i].range);
  track.list(first_number(playlist), UriSet{uris}, std::move(ranges));
}

// From 0, which is at `zero`.
Track hls_track(const media::HlsMediaPlaylist& playlist, std::optional<base::UtcTime> zero) {
  Track track;
  const std::optional<media::HlsInit>* init = nullptr;  // of the source at `index`
  std::uint32_t index = 0;
  base::Duration position{};
  std::int64_t number = first_number(playlist);
  std::optional<SegmentRun> run;  // that goes on as long as the segments do
  for (const media::HlsSegment& segment : playlist.segments) {
    const auto date = plausible(segment.program_date_time);
    if (segment.discontinuity && date && zero && *date - *zero > position + 500ms) position = *date - *zero;
    const base::Duration duration = length(segment);
    if (duration >= kShortestSegment && position < kFarthest) {
      if (init == nullptr || *init != segment.init) index = add_source(track, segment.init);
      init = &segment.init;
      const SegmentRun next{
          .number = number, .count = 1, .time = position.count(), .ticks = duration.count(), .source = index, .gap = segment.gap};
      if (run && run->is_continued_by(next)) {
        ++run->count;
      } else {
        if (run) track.add(*run);
        run = next;
      }
    }
    if (position < kFarthest) position += duration;
    ++number;
  }
  if (run) track.add(*run);
  list_addresses(track, playlist);
  return track;
}

}  // namespace

base::Duration aligned_start(const HlsListing& listing, std::span<const Track* const> known, std::optional<base::UtcTime> zero) {
  std::optional<base::Duration> by_date;
  if (listing.date && zero) by_date = *listing.date - *zero;
  for (const Track* track : known) {
    const auto by_number = start_by_number(listing, *track);
    if (!by_number) continue;
    const base::Duration half = std::max<base::Duration>(listing.target, 200ms) / 2;
    if (!by_date || std::chrono::abs(*by_date - *by_number) <= half) return *by_number;
  }
  if (by_date) return *by_date;
  return known.empty() ? base::Duration{} : following(listing, *known.front());
}

base::Result<HlsListing> hls_listing(const media::HlsMediaPlaylist& playlist) {
  HlsListing listing;
  listing.target = std::clamp<base::Duration>(playlist.target_duration, 0s, 1min);
  listing.hold_back = playlist.hold_back;
  listing.blocks = playlist.can_block_reload;
  listing.ended = playlist.ended;
  listing.independent = playlist.independent_segments;
  listing.first_number = first_number(playlist);
  listing.date = date_of_start(playlist);
  listing.track = hls_track(playlist, listing.date);
  if (listing.ended && listing.track.empty()) return base::error("the playlist lists nothing that can be played");
  return listing;
}

base::Result<HlsPlace> hls_place(std::shared_ptr<const HlsListing> said, const media::HlsMediaPlaylist& playlist,
                                 const base::SharedText& url, const HlsPlace& before) {
  if (lists_itself(playlist, url)) return base::error("the playlist lists itself as a segment");
  HlsPlace place{.said = std::move(said), .url = url};
  if (before.url == url && place.said->track.has_inits_of(before.said->track)) place.init_urls = before.init_urls;
  return place;
}

base::SharedText HlsPlace::segment_url(const Segment& segment) const {
  return urls.get({.number = segment.number, .time = segment.time, .source = segment.source},
                  [&] { return media::resolve_url(url, said->track.uri(segment)); });
}

base::SharedText HlsPlace::init_url(const Segment& segment) const {
  return init_urls.get({.number = segment.source, .source = segment.source},
                       [&] { return media::resolve_url(url, said->track.init(segment)->uri); });
}

}  // namespace harness

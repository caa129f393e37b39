#include "harness/player/hls_track.h"

#include <algorithm>

#include "harness/player/live_timing.h"

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

// Where the first segment lies if `known` lists a segment of the same number.
std::optional<base::Duration> start_by_number(const media::HlsMediaPlaylist& playlist, const Track& known) {
  const std::int64_t first = first_number(playlist);
  if (known.empty() || first > known.last_number()) return std::nullopt;
  const auto skipped = static_cast<std::size_t>(std::max<std::int64_t>(known.first_number() - first, 0));
  for (std::size_t i = skipped; i < playlist.segments.size(); ++i) {
    const auto same = known.numbered(first + static_cast<std::int64_t>(i));
    if (same) return same->start - length_before(playlist, i);
  }
  return std::nullopt;
}

base::Duration following(const media::HlsMediaPlaylist& playlist, const Track& known) {
  const std::int64_t missing = std::clamp<std::int64_t>(first_number(playlist) - known.last_number() - 1, 0, 100'000);
  return known.end() + missing * std::clamp<base::Duration>(playlist.target_duration, 0s, 1min);
}

std::uint32_t source_for(Track& track, std::optional<SegmentSource>& current, std::uint32_t index,
                         const std::optional<media::HlsInit>& init) {
  std::optional<Address> address;
  if (init) address = Address{.uri = init->uri, .range = init->range};
  if (current && current->init == address) return index;
  current = SegmentSource{};
  current->init = std::move(address);
  return track.add(*current);
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

}  // namespace

std::optional<base::UtcTime> date_of_start(const media::HlsMediaPlaylist& playlist) {
  for (std::size_t i = 0; i < playlist.segments.size(); ++i) {
    const auto date = plausible(playlist.segments[i].program_date_time);
    if (date) return plausible(*date - length_before(playlist, i));
  }
  return std::nullopt;
}

base::Duration aligned_start(const media::HlsMediaPlaylist& playlist, std::span<const Track* const> known,
                             std::optional<base::UtcTime> zero) {
  const auto date = date_of_start(playlist);
  std::optional<base::Duration> by_date;
  if (date && zero) by_date = *date - *zero;
  for (const Track* track : known) {
    const auto by_number = start_by_number(playlist, *track);
    if (!by_number) continue;
    const base::Duration half = std::clamp<base::Duration>(playlist.target_duration, 200ms, 1min) / 2;
    if (!by_date || std::chrono::abs(*by_date - *by_number) <= half) return *by_number;
  }
  if (by_date) return *by_date;
  return known.empty() ? base::Duration{} : following(playlist, *known.front());
}

Track hls_track(const media::HlsMediaPlaylist& playlist, base::Duration start, std::optional<base::UtcTime> zero) {
  Track track;
  std::optional<SegmentSource> source;
  std::uint32_t index = 0;
  base::Duration position = start;
  std::int64_t number = first_number(playlist);
  for (const media::HlsSegment& segment : playlist.segments) {
    const auto date = plausible(segment.program_date_time);
    if (segment.discontinuity && date && zero && *date - *zero > position + 500ms) position = *date - *zero;
    const base::Duration duration = length(segment);
    if (duration >= kShortestSegment && position < kFarthest) {
      index = source_for(track, source, index, segment.init);
      track.add({.number = number, .count = 1, .time = position.count(), .ticks = duration.count(), .source = index, .gap = segment.gap});
    }
    if (position < kFarthest) position += duration;
    ++number;
  }
  list_addresses(track, playlist);
  return track;
}

}  // namespace harness

#include "harness/calibrate/target_listing.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/player/hls_track.h"
#include "media/url.h"

namespace harness {
namespace {

constexpr std::size_t kPlaylists = 3;  // renditions that are looked at
constexpr int kSegments = 8;           // of each

bool looks_like_xml(std::string_view body) {
  const std::size_t first = body.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  return first != std::string_view::npos && body[first] == '<';
}

}  // namespace

std::optional<CalibrationObject> TargetListing::next() const {
  return taken_ < wanted_.size() ? std::optional{wanted_[taken_]} : std::nullopt;
}

base::Result<void> TargetListing::take(std::string_view body, const std::string& url, bool partial, base::UtcTime now) {
  const CalibrationObject asked = wanted_[taken_++];
  base::Result<void> taken = indexed_ != nullptr                        ? take_index(body, partial)
                             : looks_like_xml(body) && objects_.empty() ? take_dash(body, url)
                                                                        : take_hls(body, asked, url);
  if (taken.has_value() && dash_) {
    want_index();
    if (indexed_ == nullptr) list_dash(now);
  }
  return taken;
}

base::Result<void> TargetListing::take_hls(std::string_view body, const CalibrationObject& asked, const std::string& url) {
  const auto playlist = media::parse_hls(body);
  if (!playlist.has_value()) return base::error("neither an HLS playlist nor a DASH manifest: " + playlist.error().message);
  if (const auto* media_playlist = std::get_if<media::HlsMediaPlaylist>(&*playlist)) {
    auto listing = hls_listing(*media_playlist);
    if (!listing.has_value()) return base::error(listing.error().message);
    const auto place = hls_place(std::make_shared<const HlsListing>(std::move(*listing)), *media_playlist, url, {});
    if (!place.has_value()) return base::error(place.error().message);
    objects_.push_back({ObjectKind::kPlaylist, asked.url, {}});
    list(place->said->track, kForever, [&url](const Address& address, const Segment&) { return media::resolve_url(url, address.uri); });
    return {};
  }
  if (asked.kind != ObjectKind::kMaster) return base::error("a multivariant playlist where a media playlist belongs");
  objects_.push_back(asked);
  auto variants = std::get<media::HlsMultivariantPlaylist>(*playlist).variants;
  std::stable_sort(variants.begin(), variants.end(), [](const auto& a, const auto& b) { return a.bandwidth > b.bandwidth; });
  for (std::size_t i = 0; i < std::min(variants.size(), kPlaylists); ++i)
    wanted_.push_back({ObjectKind::kPlaylist, media::resolve_url(url, variants[i].uri), {}});
  if (variants.empty()) return base::error("a multivariant playlist without variants");
  return {};
}

base::Result<void> TargetListing::take_dash(std::string_view body, const std::string& url) {
  const auto refused = [](const base::Error& why) {
    return base::error("neither an HLS playlist nor a DASH manifest that can be played: " + why.message);
  };
  const auto manifest = media::parse_mpd(body);
  if (!manifest.has_value()) return refused(manifest.error());
  auto stream = dash_stream(*manifest, url, 0);
  if (!stream.has_value()) return refused(stream.error());
  dash_ = std::move(*stream);
  objects_.push_back({ObjectKind::kPlaylist, url, {}});
  return {};
}

base::Result<void> TargetListing::take_index(std::string_view body, bool partial) {
  Track& track = *std::exchange(indexed_, nullptr);
  if (const auto read = read_index(track, body, partial); !read.has_value())
    return base::error("an index that cannot be read: " + read.error().message);
  return {};
}

std::string dash_url(const DashStream& stream, const SegmentSource& source, const std::string& uri) {
  const std::string below = source.bases.empty() ? uri : media::join_url(source.bases.front(), uri);
  return media::resolve_url(stream.base_urls.front(), below);
}

void TargetListing::want_index() {
  for (Track& track : dash_->tracks.video) {
    const auto unread = track.unread();
    if (!unread) continue;
    const SegmentSource& source = track.source(*unread);
    indexed_ = &track;
    wanted_.push_back({ObjectKind::kInit, dash_url(*dash_, source, ""), source.index});
    return;
  }
}

void TargetListing::list_dash(base::UtcTime now) {
  const base::Duration clock = dash_->zero ? now - *dash_->zero : kForever;
  std::vector<Track> tracks = dash_->tracks.video;
  std::stable_sort(tracks.begin(), tracks.end(), [](const Track& a, const Track& b) { return a.bandwidth() > b.bandwidth(); });
  tracks.resize(std::min(tracks.size(), kPlaylists));
  for (const Track& track : tracks)
    list(track, clock,
         [&](const Address& address, const Segment& segment) { return dash_url(*dash_, track.source(segment.source), address.uri); });
}

void TargetListing::list(const Track& track, base::Duration clock,
                         const std::function<std::string(const Address&, const Segment&)>& url_of) {
  if (track.empty()) return;
  std::vector<CalibrationObject> segments;
  std::optional<Address> init;
  // From far enough back for so many of the longest.
  const base::Duration end = track.end(clock);
  base::Duration cursor = std::max(track.start(), end - track.longest_segment() * (kSegments + 1));
  while (const auto segment = track.fetchable_after(cursor, clock)) {
    const Address address{.uri = track.uri(*segment), .range = track.range(*segment)};
    segments.push_back({ObjectKind::kSegment, url_of(address, *segment), address.range});
    if (const auto& known = track.init(*segment); known && !init) {
      init = known;
      objects_.push_back({ObjectKind::kInit, url_of(*known, *segment), known->range});
    }
    cursor = segment->end();
  }
  std::reverse(segments.begin(), segments.end());
  segments.resize(std::min<std::size_t>(segments.size(), kSegments));
  objects_.insert(objects_.end(), segments.begin(), segments.end());
}

}  // namespace harness

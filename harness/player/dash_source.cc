#include "harness/player/dash_source.h"

#include <algorithm>

#include "harness/player/hls_source.h"
#include "harness/player/live_timing.h"
#include "media/url.h"

namespace harness {
namespace {

constexpr std::string_view kUtcScheme = "urn:mpeg:dash:utc:";
constexpr std::size_t kMostClocks = 4;

std::optional<base::UtcTime> as_optional(const base::Result<base::UtcTime>& time) {
  return time.has_value() ? std::optional{*time} : std::nullopt;
}

// A UTCTiming may name several URLs, with blanks between them.
std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  for (std::size_t at = text.find_first_not_of(' '); at < text.size(); at = text.find_first_not_of(' ', at)) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    words.push_back(text.substr(at, end - at));
    at = end;
  }
  return words;
}

}  // namespace

std::unique_ptr<Source> make_source(const PlayerConfig& config, const EngineTraits& traits) {
  if (config.device.protocol == StreamingProtocol::kDash) return std::make_unique<DashSource>(config);
  return std::make_unique<HlsSource>(config, traits);
}

std::optional<base::Instant> DashSource::due(Slot slot) const {
  if (slot == Slot::kClock) return is_asking_the_time() ? std::optional{base::Instant{}} : std::nullopt;
  if (slot != Slot::kManifest) {
    const TrackKind kind = track_of(slot);
    const bool unread = !ladder_.empty() && (kind == TrackKind::kVideo || tracks_.audio) && listed(kind).unread();
    return unread ? std::optional{base::Instant{}} : std::nullopt;
  }
  if (ladder_.empty()) return base::Instant{};
  if (!dynamic_ || !update_period_) return std::nullopt;
  return asked_ + mpd_reload_interval(*update_period_);
}

ListingRequest DashSource::request(Slot slot) const {
  if (slot == Slot::kManifest) return {.url = manifest_url_.empty() ? config_.manifest_url : manifest_url_};
  if (slot == Slot::kClock) return {.url = clocks_.front().url, .method = clocks_.front().by_header ? "HEAD" : "GET"};
  const Track& track = listed(track_of(slot));
  const std::uint32_t source = *track.unread();
  return {.url = absolute(track_of(slot), Segment{.source = source}, {}), .range = track.source(source).index};
}

base::Result<void> DashSource::receive(const Listing& listing) {
  if (listing.slot == Slot::kManifest) return receive_manifest(listing);
  if (listing.slot == Slot::kClock) return receive_clock(listing);
  return receive_index(track_of(listing.slot), listing);
}

base::Result<void> DashSource::receive_manifest(const Listing& listing) {
  const std::size_t fingerprint = std::hash<std::string_view>{}(listing.body);
  if (ladder_.empty() || fingerprint != fingerprint_) {
    const auto manifest = media::parse_mpd(listing.body);
    if (!manifest.has_value()) return manifest.error();
    if (manifest->dynamic && !plausible(manifest->availability_start))
      return base::error("a dynamic manifest without a usable availabilityStartTime");
    auto tracks = dash_tracks(*manifest, config_.device.max_height);
    if (!tracks.has_value()) return tracks.error();
    tracks_ = std::move(*tracks);
    take_places(*manifest, listing);
    if (ladder_.empty()) take_clocks(*manifest, listing);
    take(*manifest, listing);
    fingerprint_ = fingerprint;
  }
  asked_ = listing.asked;
  return {};
}

base::Result<void> DashSource::receive_index(TrackKind kind, const Listing& listing) {
  if (kind == TrackKind::kAudio && !tracks_.audio) return {};
  Track& track = listed(kind);
  return track.unread() ? read_index(track, listing.body, listing.partial) : base::Result<void>{};
}

// The answer was written half way between question and answer, as dash.js takes it.
base::Result<void> DashSource::receive_clock(const Listing& listing) {
  std::optional<base::UtcTime> time = listing.date;
  if (!clocks_.front().by_header) {
    const auto parsed = media::parse_clock(listing.body);
    if (!parsed.has_value()) return parsed.error();
    time = *parsed;
  }
  if (!plausible(time)) return base::error("the clock does not say the time");
  clock_ahead_ = *time - config_.wall.utc_at(listing.asked + (listing.arrived - listing.asked) / 2);
  clocks_.clear();
  return {};
}

bool DashSource::does_without(Slot slot) {
  if (slot != Slot::kClock || clocks_.empty()) return false;
  clocks_.erase(clocks_.begin());
  return true;
}

std::size_t DashSource::other_places(Slot slot) const {
  if (slot <= Slot::kManifest || slot == Slot::kClock || ladder_.empty()) return 0;
  if (track_of(slot) == TrackKind::kAudio && !tracks_.audio) return 0;
  const std::size_t below = listed(track_of(slot)).source(0).bases.size();
  return base_urls_.size() * std::max<std::size_t>(below, 1) - 1;
}

void DashSource::move_on(Slot slot) { ++moves_[index_of(track_of(slot))]; }

// Relative URLs are relative to where the manifest was found in the end, and that is where it is asked for again (dash.js and Shaka).
void DashSource::take_places(const media::DashManifest& manifest, const Listing& listing) {
  const std::string from = listing.url.empty() ? request(Slot::kManifest).url : std::string{listing.url};
  base_urls_.clear();
  for (const std::string& url : manifest.base_urls) base_urls_.push_back(media::resolve_url(from, url));
  if (base_urls_.empty()) base_urls_.push_back(from);
  manifest_url_ = manifest.location.empty() ? from : media::resolve_url(from, manifest.location);
}

void DashSource::take_clocks(const media::DashManifest& manifest, const Listing& listing) {
  for (const media::DashUtcTiming& timing : manifest.utc_timings) {
    std::string_view kind = timing.scheme;  // urn:mpeg:dash:utc:http-iso:2014, or 2012
    if (!kind.starts_with(kUtcScheme)) continue;
    kind.remove_prefix(kUtcScheme.size());
    const bool direct = kind.starts_with("direct:"), by_header = kind.starts_with("http-head:");
    if (direct && clocks_.empty()) {
      const auto time = plausible(as_optional(media::parse_clock(timing.value)));
      if (!time) continue;
      clock_ahead_ = *time - config_.wall.utc_at(listing.arrived);
      return;
    }
    if (!by_header && !kind.starts_with("http-iso:") && !kind.starts_with("http-xsdate:")) continue;
    for (const std::string_view url : words_of(timing.value)) clocks_.push_back({media::resolve_url(base_urls_.front(), url), by_header});
  }
  if (clocks_.size() > kMostClocks) clocks_.resize(kMostClocks);
}

void DashSource::take(const media::DashManifest& manifest, const Listing& listing) {
  ladder_ = ladder_of(tracks_.ladder);
  selected_ = std::min(selected_, ladder_.size() - 1);
  dynamic_ = manifest.dynamic;
  bounded_ = manifest.duration.has_value() || (!manifest.periods.empty() && manifest.periods.back().duration.has_value());
  update_period_ = manifest.minimum_update_period;
  depth_ = manifest.time_shift_buffer_depth;
  suggested_delay_ = manifest.suggested_presentation_delay;
  if (manifest.dynamic) zero_ = manifest.availability_start;
  const base::Duration edge = tracks_.video[selected_].end();
  if (edge != edge_) edge_moved_ = listing.arrived;
  edge_ = edge;
}

const Track* DashSource::track(TrackKind kind) const {
  if (ladder_.empty() || is_asking_the_time() || (kind == TrackKind::kAudio && !tracks_.audio)) return nullptr;
  if (listed(kind).empty() || listed(kind).unread()) return nullptr;
  return &listed(kind);
}

// Moving on tries the base URLs below the MPD's first, then the MPD's next one.
std::string DashSource::absolute(TrackKind kind, const Segment& segment, const std::string& uri) const {
  const std::vector<std::string>& below = listed(kind).source(segment.source).bases;
  const std::size_t moves = moves_[index_of(kind)], turns = std::max<std::size_t>(below.size(), 1);
  const std::string relative = below.empty() ? uri : media::join_url(below[moves % turns], uri);
  return media::resolve_url(base_urls_[moves / turns % base_urls_.size()], relative);
}

base::Duration DashSource::clock(base::Instant now) const {
  return dynamic_ && zero_ ? config_.wall.utc_at(now) + clock_ahead_ - *zero_ : kForever;
}

base::Duration DashSource::window_start(TrackKind kind, base::Instant now) const {
  const Track& track = listed(kind);
  const base::Duration start = track.start();
  if (!track.is_by_clock() || !depth_) return start;
  return std::max(start, clock(now) - std::clamp(*depth_, base::Duration{}, kForever));
}

base::Duration DashSource::start_position(base::Instant now) const {
  base::Duration start = window_start(TrackKind::kVideo, now);
  base::Duration end = listed(TrackKind::kVideo).end(clock(now));
  if (tracks_.audio) {
    start = std::max(start, window_start(TrackKind::kAudio, now));
    end = std::min(end, listed(TrackKind::kAudio).end(clock(now)));
  }
  if (!dynamic_) return start;
  return live_position(clock(now) - live_delay(), start, end, target_duration());
}

base::Duration DashSource::live_delay() const { return dash_live_delay(config_.device.live_delay, suggested_delay_, target_duration()); }

base::Duration DashSource::target_duration() const {
  return std::min<base::Duration>(tracks_.video[selected_].longest_segment(), std::chrono::hours{1});
}

bool DashSource::is_stale(base::Instant now) const {
  if (!dynamic_ || !update_period_ || ladder_.empty() || listed(TrackKind::kVideo).is_by_clock()) return false;
  return now - edge_moved_ > std::max(stale_after(target_duration()), 2 * mpd_reload_interval(*update_period_));
}

}  // namespace harness

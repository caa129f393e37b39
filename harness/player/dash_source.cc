#include "harness/player/dash_source.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/player/hls_source.h"
#include "harness/player/live_timing.h"
#include "media/url.h"

namespace harness {
namespace {

const std::shared_ptr<const DashStream>& no_stream() {
  static const auto none = std::make_shared<const DashStream>();
  return none;
}

}  // namespace

std::unique_ptr<Source> make_source(const PlayerConfig& config, const EngineTraits& traits, SharedListings& shared) {
  if (config.device->protocol == StreamingProtocol::kDash) return std::make_unique<DashSource>(config, traits, shared);
  return std::make_unique<HlsSource>(config, traits, shared);
}

DashSource::DashSource(const PlayerConfig& config, const EngineTraits& traits, SharedListings& shared)
    : config_{config}, traits_{traits}, shared_{shared}, stream_{no_stream()} {}

std::optional<base::Instant> DashSource::due(Slot slot) const {
  if (slot == Slot::kClock) return is_asking_the_time() ? std::optional{base::Instant{}} : std::nullopt;
  if (slot != Slot::kManifest) {
    const TrackKind kind = track_of(slot);
    const bool unread = is_known() && (kind == TrackKind::kVideo || audio()) && listed(kind).unread();
    return unread ? std::optional{base::Instant{}} : std::nullopt;
  }
  if (!is_known()) return base::Instant{};
  if (!stream_->dynamic || !stream_->update_period) return std::nullopt;
  return asked_ + mpd_reload_interval(*stream_->update_period);
}

ListingRequest DashSource::request(Slot slot) const {
  if (slot == Slot::kManifest) return {.url = is_known() ? stream_->url : base::SharedText{*config_.manifest_url}};
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
  const base::SharedText from = listing.url.empty() ? request(Slot::kManifest).url : listing.url;
  const int cap = config_.device->max_height;
  auto stream = shared_.get<DashStream>(listing.body, from, cap, [&]() -> base::Result<DashStream> {
    const media::MpdReading* before = stream_->reading.get();
    auto reading = shared_.get<media::MpdReading>(listing.body, {}, 0, [&] { return media::read_mpd(listing.body, before); });
    if (!reading.has_value()) return reading.error();
    auto made = dash_stream((*reading)->manifest, from, cap);
    if (made.has_value() && made->dynamic && made->update_period) made->reading = std::move(*reading);
    return made;
  });
  if (!stream.has_value()) return stream.error();
  if (*stream != stream_) take(std::move(*stream), listing);
  asked_ = listing.asked;
  return {};
}

// Sessions that hold the same stream share what the indexes of its files say.
base::Result<void> DashSource::receive_index(TrackKind kind, const Listing& listing) {
  if (kind == TrackKind::kAudio && !audio()) return {};
  const Track& track = listed(kind);
  if (!track.unread()) return {};
  const std::string place =
      fmt::format("{} {} {} {} {}", static_cast<const void*>(stream_.get()), index_of(kind), selected_, *track.unread(), listing.partial);
  const auto read = shared_.get<Track>(listing.body, place, 0, [&]() -> base::Result<Track> {
    Track known = track;
    const auto taken = read_index(known, listing.body, listing.partial);
    if (!taken.has_value()) return taken.error();
    return known;
  });
  if (!read.has_value()) return read.error();
  if (!read_) read_ = Tracks{stream_->tracks.video, stream_->tracks.audio};
  (kind == TrackKind::kAudio ? *read_->audio : read_->video[selected_]) = **read;
  return {};
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
  clocks_.shrink_to_fit();
  return {};
}

bool DashSource::does_without(Slot slot) {
  if (slot != Slot::kClock || clocks_.empty()) return false;
  clocks_.erase(clocks_.begin());
  return true;
}

std::size_t DashSource::other_places(Slot slot) const {
  if (slot <= Slot::kManifest || slot == Slot::kClock || !is_known()) return 0;
  if (track_of(slot) == TrackKind::kAudio && !audio()) return 0;
  const std::size_t below = listed(track_of(slot)).source(0).bases.size();
  return stream_->base_urls.size() * std::max<std::size_t>(below, 1) - 1;
}

void DashSource::move_on(Slot slot) { ++moves_[index_of(track_of(slot))]; }

void DashSource::take(std::shared_ptr<const DashStream> stream, const Listing& listing) {
  const bool is_first = !is_known();
  const auto before = std::exchange(stream_, std::move(stream));
  read_.reset();
  if (!is_first && before->ladder != ladder()) {
    ladder_change_ = LadderChange{before->ladder, ladder()};
    selected_ = ladder_change_->nearest(selected_);
  }
  if (is_first) clocks_ = stream_->clocks;
  if (is_first && stream_->time) clock_ahead_ = *stream_->time - config_.wall.utc_at(listing.arrived);
  const base::Duration edge = video()[selected_].end();
  if (edge != edge_) edge_moved_ = listing.arrived;
  edge_ = edge;
}

std::optional<base::UtcTime> DashSource::zero() const {
  return stream_->zero ? std::optional{*stream_->zero - clock_ahead_} : std::nullopt;
}

const Track* DashSource::track(TrackKind kind) const {
  if (!is_known() || is_asking_the_time() || (kind == TrackKind::kAudio && !audio())) return nullptr;
  const Track& track = listed(kind);
  return track.empty() || track.unread() ? nullptr : &track;
}

base::SharedText DashSource::segment_url(TrackKind kind, const Segment& segment) const {
  const Track& track = listed(kind);
  return track.url(segment, moves_[index_of(kind)], [&] { return absolute(kind, segment, track.uri(segment)); });
}

base::SharedText DashSource::init_url(TrackKind kind, const Segment& segment) const {
  const Track& track = listed(kind);
  return track.init_url(segment, moves_[index_of(kind)], [&] { return absolute(kind, segment, track.init(segment)->uri); });
}

// Moving on tries the base URLs below the MPD's first, then the MPD's next one.
std::string DashSource::absolute(TrackKind kind, const Segment& segment, const std::string& uri) const {
  const std::vector<std::string>& below = listed(kind).source(segment.source).bases;
  const std::size_t moves = moves_[index_of(kind)], turns = std::max<std::size_t>(below.size(), 1);
  const std::string relative = below.empty() ? uri : media::join_url(below[moves % turns], uri);
  return media::resolve_url(stream_->base_urls[moves / turns % stream_->base_urls.size()], relative);
}

base::Duration DashSource::clock(base::Instant now) const {
  return stream_->dynamic && stream_->zero ? config_.wall.utc_at(now) + clock_ahead_ - *stream_->zero : kForever;
}

base::Duration DashSource::window_start(TrackKind kind, base::Instant now) const {
  const Track& track = listed(kind);
  const base::Duration start = track.start();
  if (!track.is_by_clock() || !stream_->depth) return start;
  return std::max(start, clock(now) - std::clamp(*stream_->depth, base::Duration{}, kForever));
}

base::Duration DashSource::start_position(base::Instant now) const {
  base::Duration start = window_start(TrackKind::kVideo, now);
  base::Duration end = listed(TrackKind::kVideo).end(clock(now));
  if (audio()) {
    start = std::max(start, window_start(TrackKind::kAudio, now));
    end = std::min(end, listed(TrackKind::kAudio).end(clock(now)));
  }
  if (!stream_->dynamic) return start;
  return live_position(clock(now) - live_delay(), start, end, target_duration());
}

base::Duration DashSource::live_delay() const {
  const base::Duration otherwise =
      traits_.min_buffer_halves > 0 ? traits_.min_buffer_halves * stream_->min_buffer / 2 : 4 * target_duration();
  return dash_live_delay(config_.device->live_delay, stream_->suggested_delay, otherwise);
}

base::Duration DashSource::target_duration() const {
  return std::min<base::Duration>(video()[selected_].longest_segment(), std::chrono::hours{1});
}

std::optional<base::Instant> DashSource::stale_from() const {
  if (!stream_->dynamic || !stream_->update_period || !is_known() || listed(TrackKind::kVideo).is_by_clock()) return std::nullopt;
  return edge_moved_ + std::max(stale_after(target_duration()), 2 * mpd_reload_interval(*stream_->update_period)) + base::Duration{1};
}

}  // namespace harness

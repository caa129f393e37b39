#include "harness/player/dash_source.h"

#include <algorithm>

#include "harness/player/hls_source.h"
#include "harness/player/live_timing.h"
#include "media/url.h"

namespace harness {

std::unique_ptr<Source> make_source(const PlayerConfig& config, const EngineTraits& traits) {
  if (config.device.protocol == StreamingProtocol::kDash) return std::make_unique<DashSource>(config);
  return std::make_unique<HlsSource>(config, traits);
}

std::optional<base::Instant> DashSource::due(Slot slot) const {
  if (slot != Slot::kManifest) return std::nullopt;
  if (ladder_.empty()) return base::Instant{};
  if (!dynamic_ || !update_period_) return std::nullopt;
  return asked_ + mpd_reload_interval(*update_period_);
}

base::Result<void> DashSource::receive(const Listing& listing) {
  const std::size_t fingerprint = std::hash<std::string_view>{}(listing.body);
  if (ladder_.empty() || fingerprint != fingerprint_) {
    const auto manifest = media::parse_mpd(listing.body);
    if (!manifest.has_value()) return manifest.error();
    if (manifest->dynamic && !plausible(manifest->availability_start))
      return base::error("a dynamic manifest without a usable availabilityStartTime");
    auto tracks = dash_tracks(*manifest, config_.device.max_height);
    if (!tracks.has_value()) return tracks.error();
    tracks_ = std::move(*tracks);
    take(*manifest, listing);
    fingerprint_ = fingerprint;
  }
  asked_ = listing.asked;
  return {};
}

void DashSource::take(const media::DashManifest& manifest, const Listing& listing) {
  ladder_ = ladder_of(tracks_.ladder);
  selected_ = std::min(selected_, ladder_.size() - 1);
  base_url_ = manifest.base_urls.empty() ? config_.manifest_url : media::resolve_url(config_.manifest_url, manifest.base_urls.front());
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
  if (ladder_.empty() || (kind == TrackKind::kAudio && !tracks_.audio) || listed(kind).empty()) return nullptr;
  return &listed(kind);
}

std::string DashSource::absolute(TrackKind, const std::string& uri) const { return media::resolve_url(base_url_, uri); }

base::Duration DashSource::clock(base::Instant now) const { return dynamic_ && zero_ ? config_.wall.utc_at(now) - *zero_ : kForever; }

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

#include "harness/player/hls_source.h"

#include <algorithm>

#include "harness/player/hls_master.h"
#include "harness/player/hls_track.h"
#include "harness/player/live_timing.h"
#include "media/url.h"

namespace harness {
namespace {

TrackKind kind_of(Slot slot) { return slot == Slot::kAudioPlaylist ? TrackKind::kAudio : TrackKind::kVideo; }

}  // namespace

std::optional<base::Instant> HlsSource::due(Slot slot) const {
  if (slot == Slot::kManifest) return rungs_.empty() ? std::optional{base::Instant{}} : std::nullopt;
  if (rungs_.empty() || (slot == Slot::kAudioPlaylist && !has_audio())) return std::nullopt;
  const Playlist& wanted = playlist(kind_of(slot));
  if (!wanted.track || wanted.outdated) return base::Instant{};
  return wanted.ended ? std::nullopt : std::optional{wanted.reload_at};
}

std::string HlsSource::url(Slot slot) const {
  if (slot == Slot::kManifest) return config_.manifest_url;
  return slot == Slot::kAudioPlaylist ? audio_url_ : rungs_[selected_].url;
}

base::Result<void> HlsSource::receive(const Listing& listing) {
  return listing.slot == Slot::kManifest ? receive_manifest(listing) : receive_playlist(kind_of(listing.slot), listing);
}

base::Result<void> HlsSource::receive_manifest(const Listing& listing) {
  const auto parsed = media::parse_hls(listing.body);
  if (!parsed.has_value()) return parsed.error();
  if (const auto* list = std::get_if<media::HlsMediaPlaylist>(&*parsed)) {
    const auto taken = take(TrackKind::kVideo, *list, listing);
    if (!taken.has_value()) return taken;
    rungs_ = {Rung{.bandwidth = {}, .average = {}, .height = 0, .url = config_.manifest_url, .origin = 0}};
  } else {
    auto master = hls_master(std::get<media::HlsMultivariantPlaylist>(*parsed), config_.manifest_url, config_.device.max_height);
    if (!master.has_value()) return master.error();
    rungs_ = std::move(master->ladder);
    audio_url_ = std::move(master->audio_url);
  }
  ladder_ = ladder_of(rungs_);
  video_.resize(rungs_.size());
  return {};
}

base::Result<void> HlsSource::receive_playlist(TrackKind kind, const Listing& listing) {
  Playlist& known = playlist(kind);
  const std::size_t fingerprint = std::hash<std::string_view>{}(listing.body);
  if (known.track && known.fingerprint == fingerprint) {
    schedule(known, listing, false);
    return {};
  }
  const auto parsed = media::parse_hls(listing.body);
  if (!parsed.has_value()) return parsed.error();
  const auto* list = std::get_if<media::HlsMediaPlaylist>(&*parsed);
  if (list == nullptr) return base::error("a media playlist was expected, a multivariant playlist came");
  auto taken = take(kind, *list, listing);
  if (taken.has_value()) known.fingerprint = fingerprint;
  return taken;
}

base::Result<void> HlsSource::take(TrackKind kind, const media::HlsMediaPlaylist& parsed, const Listing& listing) {
  Playlist& known = playlist(kind);
  const base::Duration start = aligned_start(parsed, known_tracks(kind), zero_);
  if (const auto date = date_of_start(parsed); date && !zero_) zero_ = plausible(*date - start);
  const std::int64_t last = known.track ? known.track->last_number() : -1;
  Track listed = hls_track(parsed, start, zero_);
  if (parsed.ended && listed.empty()) return base::error("the playlist lists nothing that can be played");
  known.track = std::move(listed);
  known.target = std::clamp<base::Duration>(parsed.target_duration, {}, std::chrono::minutes{1});
  known.hold_back = parsed.hold_back;
  known.ended = parsed.ended;
  schedule(known, listing, known.track->last_number() != last);
  if (kind == TrackKind::kVideo && known.track->end() != edge_) {
    edge_ = known.track->end();
    edge_moved_ = listing.arrived;
  }
  return {};
}

void HlsSource::schedule(Playlist& list, const Listing& listing, bool changed) {
  list.outdated = false;
  list.asked = listing.asked;
  list.arrived = listing.arrived;
  const Playlist& other = &list == &audio_ ? video_[selected_] : audio_;
  const bool joins = traits_.reloads_together && other.track && !other.outdated && other.reload_at > listing.arrived;
  list.reload_at = joins ? other.reload_at : listing.asked + hls_reload_interval(list.target, changed || traits_.reloads_together);
}

// Those a new listing may be aligned with, the likeliest first.
std::vector<const Track*> HlsSource::known_tracks(TrackKind kind) const {
  std::vector<const Track*> known;
  for (const Playlist* list : {&playlist(kind), static_cast<const Playlist*>(&video_[selected_]), &video_[previous_], &audio_}) {
    if (list->track && !list->track->empty()) known.push_back(&*list->track);
  }
  return known;
}

void HlsSource::select(std::size_t rendition, base::Instant now) {
  if (rendition == selected_) return;
  previous_ = selected_;
  selected_ = rendition;
  Playlist& chosen = video_[selected_];
  if (chosen.track && !chosen.ended && now - chosen.asked > chosen.target) chosen.outdated = true;
}

const Track* HlsSource::track(TrackKind kind) const {
  const Playlist& list = playlist(kind);
  return list.track && !list.track->empty() && !list.outdated ? &*list.track : nullptr;
}

std::string HlsSource::absolute(TrackKind kind, const std::string& uri) const {
  return media::resolve_url(kind == TrackKind::kAudio ? audio_url_ : rungs_[selected_].url, uri);
}

base::Duration HlsSource::window_start(TrackKind kind, base::Instant) const { return playlist(kind).track->start(); }

bool HlsSource::starts_live() const { return config_.content == ContentKind::kLive && !playlist(TrackKind::kVideo).ended; }

base::Duration HlsSource::start_position(base::Instant now) const {
  const Playlist& video = playlist(TrackKind::kVideo);
  base::Duration start = video.track->start();
  base::Duration end = video.track->end();
  if (has_audio() && audio_.track) {
    start = std::max(start, audio_.track->start());
    end = std::min(end, audio_.track->end());
  }
  if (!starts_live()) return start;
  const base::Duration age = std::min<base::Duration>(now - video.arrived, video.target);
  return live_position(end + age - live_delay(), start, end, video.target);
}

base::Duration HlsSource::live_delay() const {
  const Playlist& video = playlist(TrackKind::kVideo);
  return hls_live_delay(config_.device.live_delay, video.hold_back, video.target);
}

void HlsSource::read(base::Instant now) {
  for (Playlist* list : {&video_[selected_], &audio_}) {
    if (list->track) list->reload_at = now + hls_reload_interval(list->target, true);
  }
}

bool HlsSource::is_stale(base::Instant now) const {
  const Playlist& video = playlist(TrackKind::kVideo);
  return video.track && !video.ended && now - edge_moved_ > stale_after(video.target);
}

}  // namespace harness

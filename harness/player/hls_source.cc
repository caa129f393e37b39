#include "harness/player/hls_source.h"

#include <algorithm>

#include "harness/player/hls_master.h"
#include "harness/player/hls_track.h"
#include "harness/player/live_timing.h"
#include "media/url.h"

namespace harness {
namespace {

const std::string& nth(const std::string& first, const std::vector<std::string>& backups, std::size_t moves) {
  const std::size_t place = moves % (backups.size() + 1);
  return place == 0 ? first : backups[place - 1];
}

// Some URI of the playlist names the playlist.
bool lists_itself(const media::HlsMediaPlaylist& playlist, const std::string& url) {
  const std::string_view path = std::string_view{url}.substr(0, url.find('?'));
  const std::string_view name = path.substr(path.rfind('/') + 1);
  return std::any_of(playlist.segments.begin(), playlist.segments.end(), [&](const media::HlsSegment& segment) {
    const std::string_view uri = std::string_view{segment.uri}.substr(0, segment.uri.find('?'));
    return uri.ends_with(name) && !name.empty() && media::resolve_url(url, uri) == path;
  });
}

}  // namespace

std::optional<base::Instant> HlsSource::due(Slot slot) const {
  if (slot == Slot::kClock) return std::nullopt;
  if (slot == Slot::kManifest) return rungs_.empty() ? std::optional{base::Instant{}} : std::nullopt;
  if (rungs_.empty() || (slot == Slot::kAudioPlaylist && !has_audio())) return std::nullopt;
  const Playlist& wanted = playlist(track_of(slot));
  if (!wanted.track || wanted.outdated) return base::Instant{};
  return wanted.ended ? std::nullopt : std::optional{wanted.reload_at};
}

const std::string& HlsSource::place(Slot slot) const {
  if (slot == Slot::kManifest) return config_.manifest_url;
  if (slot == Slot::kAudioPlaylist) return nth(audio_url_, audio_backups_, moves_[index_of(TrackKind::kAudio)]);
  return nth(rungs_[selected_].url, rungs_[selected_].backups, moves_[index_of(TrackKind::kVideo)]);
}

ListingRequest HlsSource::request(Slot slot) const { return {.url = place(slot)}; }

std::size_t HlsSource::other_places(Slot slot) const {
  if (slot <= Slot::kManifest || rungs_.empty()) return 0;
  return track_of(slot) == TrackKind::kAudio ? audio_backups_.size() : rungs_[selected_].backups.size();
}

// What was listed there is listed anew; segments that are here stay.
void HlsSource::move_on(Slot slot) {
  const TrackKind kind = track_of(slot);
  ++moves_[index_of(kind)];
  if (kind == TrackKind::kAudio) {
    audio_.outdated = true;
  } else {
    for (Playlist& each : video_) each.outdated = true;
  }
}

base::Result<void> HlsSource::receive(const Listing& listing) {
  return listing.slot == Slot::kManifest ? receive_manifest(listing) : receive_playlist(track_of(listing.slot), listing);
}

base::Result<void> HlsSource::receive_manifest(const Listing& listing) {
  const std::string url = listing.url.empty() ? config_.manifest_url : std::string{listing.url};
  const auto parsed = media::parse_hls(listing.body);
  if (!parsed.has_value()) return parsed.error();
  if (const auto* list = std::get_if<media::HlsMediaPlaylist>(&*parsed)) {
    const auto taken = take(TrackKind::kVideo, *list, listing);
    if (!taken.has_value()) return taken;
    rungs_ = {Rung{.bandwidth = {}, .average = {}, .height = 0, .url = config_.manifest_url, .origin = 0}};
  } else {
    const auto& all = std::get<media::HlsMultivariantPlaylist>(*parsed);
    auto master = hls_master(all, url, config_.device.max_height);
    if (!master.has_value()) return master.error();
    rungs_ = std::move(master->ladder);
    audio_url_ = std::move(master->audio_url);
    audio_backups_ = std::move(master->audio_backups);
    independent_ = all.independent_segments;
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
  if (lists_itself(parsed, url_of(listing))) return base::error("the playlist lists itself as a segment");
  known.track = std::move(listed);
  known.target = std::clamp<base::Duration>(parsed.target_duration, {}, std::chrono::minutes{1});
  known.hold_back = parsed.hold_back;
  known.ended = parsed.ended;
  known.independent = parsed.independent_segments;
  schedule(known, listing, known.track->last_number() != last);
  if (kind == TrackKind::kVideo && known.track->end() != edge_) {
    edge_ = known.track->end();
    edge_moved_ = listing.arrived;
  }
  return {};
}

std::string HlsSource::url_of(const Listing& listing) const { return listing.url.empty() ? place(listing.slot) : std::string{listing.url}; }

void HlsSource::schedule(Playlist& list, const Listing& listing, bool changed) {
  list.outdated = false;
  list.url = url_of(listing);
  list.asked = listing.asked;
  list.arrived = listing.arrived;
  const Playlist& other = &list == &audio_ ? video_[selected_] : audio_;
  const bool joins = traits_.reloads_together && other.track && !other.outdated && other.reload_at > listing.arrived;
  const auto last = traits_.reloads_by_segment ? list.track->numbered(list.track->last_number()) : std::nullopt;
  const base::Duration segment = last ? last->duration : base::Duration{};
  list.reload_at = joins ? other.reload_at : listing.asked + hls_reload_interval(list.target, changed || traits_.reloads_together, segment);
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

std::string HlsSource::absolute(TrackKind kind, const Segment&, const std::string& uri) const {
  return media::resolve_url(playlist(kind).url, uri);
}

// A rendition that was never listed is taken to be like the one selected before.
bool HlsSource::is_ended(TrackKind kind) const {
  const Playlist& list = playlist(kind);
  return list.track || kind == TrackKind::kAudio ? list.ended : video_[previous_].ended;
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

#include "harness/player/hls_source.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "harness/player/live_timing.h"
#include "media/url.h"

namespace harness {
namespace {

base::SharedText nth(const base::SharedText& first, const std::vector<std::string>& backups, std::size_t moves) {
  const std::size_t place = moves % (backups.size() + 1);
  return place == 0 ? first : base::SharedText{backups[place - 1]};
}

const std::shared_ptr<const HlsManifest>& no_manifest() {
  static const auto none = std::make_shared<const HlsManifest>();
  return none;
}

}  // namespace

HlsSource::HlsSource(const PlayerConfig& config, const EngineTraits& traits, SharedListings& shared)
    : config_{config}, traits_{traits}, shared_{shared}, manifest_{no_manifest()} {}

const HlsSource::Playlist& HlsSource::no_playlist() {
  static const Playlist none{};
  return none;
}

const HlsListing& HlsSource::Playlist::nothing() {
  static const HlsListing none{};
  return none;
}

std::optional<base::Instant> HlsSource::due(Slot slot) const {
  if (slot == Slot::kClock) return std::nullopt;
  if (slot == Slot::kManifest) return ladder().empty() ? std::optional{base::Instant{}} : std::nullopt;
  if (ladder().empty() || (slot == Slot::kAudioPlaylist && !has_audio())) return std::nullopt;
  const Playlist& wanted = playlist(track_of(slot));
  if (!wanted.place || wanted.outdated) return base::Instant{};
  return wanted.ended ? std::nullopt : std::optional{wanted.reload_at};
}

base::SharedText HlsSource::place(Slot slot) const {
  const HlsMaster& master = manifest_->master;
  if (slot == Slot::kManifest || manifest_->is_media_playlist) return *config_.manifest_url;
  if (slot == Slot::kAudioPlaylist) return nth(master.audio_url, master.audio_backups, moves_[index_of(TrackKind::kAudio)]);
  return nth(master.ladder[selected_].url, master.ladder[selected_].backups, moves_[index_of(TrackKind::kVideo)]);
}

ListingRequest HlsSource::request(Slot slot) const {
  const base::SharedText url = place(slot);
  if (slot == Slot::kManifest) return {.url = url};
  const Playlist& known = playlist(track_of(slot));
  if (!known.blocks || known.outdated) return {.url = url};
  return {.url = media::with_query_field(url, media::kMediaSequenceField, std::to_string(known.track.last_number() + 1))};
}

// A request that was held to no end is not made again (hls.js: checkRetry; Media3: onLoadError).
bool HlsSource::does_without(Slot slot) {
  if (slot == Slot::kVideoPlaylist || slot == Slot::kAudioPlaylist) playlist(track_of(slot)).blocks = false;
  return false;
}

std::size_t HlsSource::other_places(Slot slot) const {
  if (slot <= Slot::kManifest || ladder().empty()) return 0;
  return track_of(slot) == TrackKind::kAudio ? manifest_->master.audio_backups.size() : manifest_->master.ladder[selected_].backups.size();
}

// What was listed there is listed anew; segments that are here stay.
void HlsSource::move_on(Slot slot) {
  const TrackKind kind = track_of(slot);
  ++moves_[index_of(kind)];
  if (kind == TrackKind::kAudio) {
    audio_.outdated = true;
  } else {
    for (auto& each : video_)
      if (each) each->outdated = true;
  }
}

base::Result<void> HlsSource::receive(const Listing& listing) {
  return listing.slot == Slot::kManifest ? receive_manifest(listing) : receive_playlist(track_of(listing.slot), listing);
}

base::Result<void> HlsSource::receive_manifest(const Listing& listing) {
  const base::SharedText url = url_of(listing);
  const int cap = config_.device->max_height;
  auto manifest = shared_.get<HlsManifest>(listing.body, url, cap, [&] { return read_hls_manifest(listing.body, url, cap); });
  if (!manifest.has_value()) return manifest.error();
  if ((*manifest)->is_media_playlist) {
    const auto taken = receive_playlist(TrackKind::kVideo, listing);
    if (!taken.has_value()) return taken;
  }
  manifest_ = std::move(*manifest);
  video_.resize(manifest_->ladder.size());
  return {};
}

base::Result<void> HlsSource::receive_playlist(TrackKind kind, const Listing& listing) {
  const base::SharedText url = url_of(listing);
  auto placed =
      shared_.get<HlsPlace>(listing.body, url, 0, [&] { return place_of(listing.body, url, std::as_const(*this).playlist(kind)); });
  if (!placed.has_value()) return placed.error();
  if (Playlist& known = playlist(kind); known.place == *placed) {
    schedule(known, listing, false);
  } else {
    take(kind, std::move(*placed), listing);
  }
  return {};
}

// Playlists of several renditions are often the same text, which is read once.
base::Result<HlsPlace> HlsSource::place_of(const base::SharedText& body, const base::SharedText& url, const Playlist& before) {
  std::shared_ptr<const media::HlsReading> reading;
  const auto read = [&]() -> base::Result<void> {
    auto made = media::read_hls(body, before.said().reading.get());
    if (!made.has_value()) return made.error();
    reading = std::make_shared<const media::HlsReading>(std::move(*made));
    return {};
  };
  const auto said = shared_.get<HlsListing>(body, {}, 0, [&]() -> base::Result<HlsListing> {
    if (const auto done = read(); !done.has_value()) return done.error();
    auto made = hls_listing(reading->playlist);
    if (made.has_value() && !made->ended) made->reading = reading;
    return made;
  });
  if (!said.has_value()) return said.error();
  if (!reading) reading = (*said)->reading;
  if (!reading)
    if (const auto done = read(); !done.has_value()) return done.error();
  return hls_place(*said, reading->playlist, url, before.place ? *before.place : HlsPlace{});
}

void HlsSource::take(TrackKind kind, std::shared_ptr<const HlsPlace> place, const Listing& listing) {
  const HlsListing& said = *place->said;
  Playlist& known = playlist(kind);
  // Those it may be aligned with, the likeliest first.
  std::array<const Track*, 4> tracks{};
  std::size_t count = 0;
  for (const Playlist* list : std::array<const Playlist*, 4>{&known, &this->known(selected_), &this->known(previous_), &audio_})
    if (list->place && !list->track.empty()) tracks[count++] = &list->track;
  const base::Duration start = aligned_start(said, std::span{tracks}.first(count), zero_);
  if (said.date && !zero_) zero_ = plausible(*said.date - start);
  const std::int64_t last = known.place ? known.track.last_number() : -1;
  known.track = said.track.moved(start);
  known.place = std::move(place);
  known.ended = said.ended;
  schedule(known, listing, known.track.last_number() != last);
  if (kind == TrackKind::kVideo && known.track.end() != edge_) {
    edge_ = known.track.end();
    edge_moved_ = listing.arrived;
  }
}

base::SharedText HlsSource::url_of(const Listing& listing) const { return listing.url.empty() ? place(listing.slot) : listing.url; }

void HlsSource::schedule(Playlist& list, const Listing& listing, bool changed) {
  list.outdated = false;
  list.asked = listing.asked;
  list.arrived = listing.arrived;
  const Playlist& other = &list == &audio_ ? known(selected_) : audio_;
  const bool joins = traits_.reloads_together && other.place && !other.outdated && other.reload_at > listing.arrived;
  const auto last = traits_.reloads_by_segment ? list.track.numbered(list.track.last_number()) : std::nullopt;
  const base::Duration segment = last ? last->duration : base::Duration{};
  block(list, changed);
  if (list.blocks && changed && traits_.blocking_reload != BlockingReload::kOnTime) {
    list.reload_at = listing.arrived;
    return;
  }
  list.reload_at =
      joins ? other.reload_at : listing.asked + hls_reload_interval(list.said().target, changed || traits_.reloads_together, segment);
}

void HlsSource::block(Playlist& list, bool changed) {
  const BlockingReload how = traits_.blocking_reload;
  list.blocks = list.said().blocks && !list.ended && !list.track.empty() && how != BlockingReload::kNever &&
                (changed || how != BlockingReload::kAdvance);
}

void HlsSource::select(std::size_t rendition, base::Instant now) {
  if (rendition == selected_) return;
  previous_ = selected_;
  selected_ = static_cast<std::uint32_t>(rendition);
  const Playlist& chosen = known(selected_);
  if (chosen.place && !chosen.ended && now - chosen.asked > chosen.said().target) video_[selected_]->outdated = true;
}

const Track* HlsSource::track(TrackKind kind) const {
  const Playlist& list = playlist(kind);
  return list.place && !list.track.empty() && !list.outdated ? &list.track : nullptr;
}

base::SharedText HlsSource::segment_url(TrackKind kind, const Segment& segment) const { return playlist(kind).place->segment_url(segment); }

base::SharedText HlsSource::init_url(TrackKind kind, const Segment& segment) const { return playlist(kind).place->init_url(segment); }

// A rendition that was never listed is taken to be like the one selected before.
bool HlsSource::is_ended(TrackKind kind) const {
  const Playlist& list = playlist(kind);
  return list.place || kind == TrackKind::kAudio ? list.ended : known(previous_).ended;
}

base::Duration HlsSource::window_start(TrackKind kind, base::Instant) const { return playlist(kind).track.start(); }

bool HlsSource::starts_live() const { return config_.content == ContentKind::kLive && !playlist(TrackKind::kVideo).ended; }

base::Duration HlsSource::start_position(base::Instant now) const {
  const Playlist& video = playlist(TrackKind::kVideo);
  base::Duration start = video.track.start();
  base::Duration end = video.track.end();
  if (has_audio() && audio_.place) {
    start = std::max(start, audio_.track.start());
    end = std::min(end, audio_.track.end());
  }
  if (!starts_live()) return start;
  const base::Duration age = std::min<base::Duration>(now - video.arrived, target_duration());
  return live_position(end + age - live_delay(), start, end, target_duration());
}

base::Duration HlsSource::live_delay() const {
  const HlsListing& video = playlist(TrackKind::kVideo).said();
  return hls_live_delay(config_.device->live_delay, video.hold_back, video.target);
}

void HlsSource::read(base::Instant now) {
  for (Playlist* list : {&playlist(TrackKind::kVideo), &audio_}) {
    if (list->place) list->reload_at = now + hls_reload_interval(list->said().target, true);
  }
}

std::optional<base::Instant> HlsSource::stale_from() const {
  const Playlist& video = playlist(TrackKind::kVideo);
  if (!video.place || video.ended) return std::nullopt;
  return edge_moved_ + stale_after(video.said().target) + base::Duration{1};
}

}  // namespace harness

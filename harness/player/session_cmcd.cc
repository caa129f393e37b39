#include <algorithm>

#include "harness/player/session.h"

namespace harness {

CmcdMoment PlayerSession::Impl::cmcd_moment(Slot slot) const {
  const TrackKind kind = kind_of(slot);
  const auto& flight = flight_on(slot);
  const bool video = kind == TrackKind::kVideo, segment = flight && flight->segment.duration > base::Duration{};
  const auto& rungs = source_->ladder();
  PlayerTotals known;
  playback_.add_to(known);
  CmcdMoment moment;
  moment.protocol = config_.device->protocol;
  moment.audio = !video;
  moment.muxed = config_.device->protocol == StreamingProtocol::kHls && !source_->has_audio();
  moment.throughput = engine_->throughput();
  moment.playback_rate = playback_.rate();
  moment.started = known.startup_time.has_value();
  moment.stalled = playback_.state() == PlayerState::kStalled;
  moment.seeking = playback_.is_seeking();
  moment.hidden = hidden_since_.has_value();
  moment.since_begin = now_ - player_began_;  // a player knows nothing of what came before it
  if (known.startup_time) moment.startup_time = *known.startup_time - (player_began_ - known.began);
  moment.playhead_time = playback_.playhead();
  if (rungs.empty()) return moment;
  moment.live = is_live();
  moment.lowest_bitrate = rungs.front().peak;
  if (video) moment.top_bitrate = rungs.back().peak;
  if (video && flight) moment.bitrate = rungs[std::min(flight->download.rendition, rungs.size() - 1)].peak;
  if (video && moment.started) moment.playhead_bitrate = playback_.bitrate();
  moment.buffer = playback_.level(kind);
  moment.shortest_buffer =
      source_->has_audio() ? std::min(playback_.level(TrackKind::kVideo), playback_.level(TrackKind::kAudio)) : moment.buffer;
  if (segment) moment.duration = flight->segment.duration;
  if (segment) moment.next_url = url_after(kind, flight->segment);
  return moment;
}

std::string PlayerSession::Impl::url_after(TrackKind kind, const Segment& segment) const {
  const Track* track = source_->track(kind);
  const auto next = track != nullptr ? track->after(segment.end()) : std::nullopt;
  return next && !next->gap ? *source_->segment_url(kind, *next) : std::string{};
}

// The track with the least media is the one that ran dry; both, when they are level.
void PlayerSession::Impl::note_for_cmcd(const Telemetry& what) {
  if (const auto* over = std::get_if<StallEnded>(&what)) cmcd_->stall_ended(over->lasted);
  if (!std::holds_alternative<StallBegan>(what)) return;
  const base::Duration video = playback_.level(TrackKind::kVideo);
  const base::Duration audio = source_->has_audio() ? playback_.level(TrackKind::kAudio) : base::Duration::max();
  if (video <= audio) cmcd_->ran_dry(TrackKind::kVideo);
  if (audio <= video) cmcd_->ran_dry(TrackKind::kAudio);
}

}  // namespace harness

#include <algorithm>

#include "harness/player/session.h"

namespace harness {

const Download* PlayerSession::Impl::running(TrackKind kind) const {
  const auto& flight = flight_on(slot_for(kind));
  return flight ? &flight->download : nullptr;
}

base::Duration PlayerSession::Impl::segment_duration(TrackKind kind) const {
  const Track* track = source_->track(kind);
  if (track == nullptr) return {};
  const auto segment = track->after(next(kind));
  return segment ? segment->duration : track->longest_segment();
}

std::optional<base::Duration> PlayerSession::Impl::segment_start(TrackKind kind, base::Duration position) const {
  const Track* track = source_->track(kind);
  if (track == nullptr) return std::nullopt;
  const auto segment = track->after(position);
  if (!segment) return std::nullopt;
  return segment->start;
}

std::optional<base::Duration> PlayerSession::Impl::end(TrackKind kind) const {
  const Track* track = source_->track(kind);
  if (track == nullptr || !source_->is_ended(kind)) return std::nullopt;
  return track->end();
}

base::Bitrate PlayerSession::Impl::audio_rate() const {
  const Track* track = source_->track(TrackKind::kAudio);
  return track == nullptr ? base::Bitrate{} : track->bandwidth();
}

std::optional<base::Duration> PlayerSession::Impl::live_edge() const {
  const Track* track = source_->track(TrackKind::kVideo);
  if (track == nullptr || source_->is_ended(TrackKind::kVideo)) return std::nullopt;
  return track->end(source_->clock(now_));
}

}  // namespace harness

#include "harness/engine/profile_engine.h"

#include <algorithm>
#include <utility>

#include "harness/engine/ladder_change.h"

namespace harness {
namespace {

// HLS: players start at the first listed variant, if it costs no more than this (hls.js 1.7.4, abrEwmaDefaultEstimateMax).
constexpr base::Bitrate kHighestPrior = base::Bitrate::bits_per_second(5'000'000);

}  // namespace

EngineTraits profile_traits(const Device& device) {
  EngineTraits traits;
  traits.name = to_text(device.engine);
  traits.http_cache = runs_in_page(device.engine);
  traits.element.start_buffer = device.start_buffer;
  traits.element.resume_buffer = device.resume_buffer;
  traits.element.append = device.append_delay;
  return traits;
}

ProfileEngine::ProfileEngine(const Device& device, std::shared_ptr<const EngineTraits> traits)
    : traits_{std::move(traits)},
      estimator_{device.protocol == StreamingProtocol::kHls ? kHlsThroughput : kDashThroughput},
      rule_{make_abr_rule(device)},
      goal_{std::max({device.buffer_target, device.start_buffer, device.resume_buffer})} {}

Next ProfileEngine::next(TrackKind kind, const PlayerView& view) {
  const base::Duration level = view.level(kind);
  if (level < goal_) return kind == TrackKind::kVideo ? decide(view) : Load{.from = view.next(kind)};
  if (kind == TrackKind::kVideo && !full_since_) full_since_ = view.now();
  if (view.state() != PlayerState::kPlaying) return Pause{};
  return Pause{view.now() + std::max<base::Duration>(level - goal_, std::chrono::milliseconds{1})};
}

// Until a track that loads nothing falls to what is wanted.
base::Instant ProfileEngine::quiet_until(const PlayerView& view) const {
  base::Instant quiet = base::Instant::max();
  for (const TrackKind kind : kTrackKinds)
    if (view.has(kind) && view.running(kind) == nullptr) quiet = std::min(quiet, view.now() + (view.level(kind) - goal_));
  return quiet;
}

Load ProfileEngine::decide(const PlayerView& view) {
  if (const auto since = std::exchange(full_since_, {})) rule_->waited(view.now() - *since);
  const base::Duration position = view.next(TrackKind::kVideo);
  if (!rule_->chooses_once()) return {.rendition = choose(view), .from = position, .pause = rule_->hold()};
  if (!decision_ || decision_->position != position) {
    const std::size_t rendition = choose(view);
    decision_ = Decision{.position = position, .rendition = rendition, .request_at = view.now() + rule_->hold()};
  }
  return {.rendition = decision_->rendition,
          .from = position,
          .pause = std::max<base::Duration>(decision_->request_at - view.now(), base::Duration{})};
}

std::size_t ProfileEngine::choose(const PlayerView& view) {
  thread_local std::vector<base::Bitrate> spare;  // its room is used again
  spare.clear();
  AbrSnapshot snapshot{.ladder = std::move(spare)};
  for (const LadderRung& rung : view.ladder()) snapshot.ladder.push_back(rung.peak);
  snapshot.current = std::min(current_, snapshot.ladder.size() - 1);
  const auto measured = estimator_.estimate();
  snapshot.first_choice = !measured;
  snapshot.estimate = measured.value_or(prior(view));
  snapshot.buffer = view.level(TrackKind::kVideo);
  snapshot.buffer_target = goal_;
  snapshot.segment = segments_;
  if (rule_->minds_segments()) look_at_segments(view, snapshot);
  current_ = std::min(rule_->choose(snapshot), snapshot.ladder.size() - 1);
  spare = std::move(snapshot.ladder);
  return current_;
}

void ProfileEngine::look_at_segments(const PlayerView& view, AbrSnapshot& snapshot) {
  snapshot.segment_duration = view.segment_duration(TrackKind::kVideo);
  const auto end = view.end(TrackKind::kVideo);
  if (end && snapshot.segment_duration.count() > 0)
    snapshot.segments_left =
        static_cast<std::size_t>(std::max<std::int64_t>((*end - view.next(TrackKind::kVideo)) / snapshot.segment_duration, 1));
}

base::Bitrate ProfileEngine::prior(const PlayerView& view) const {
  const base::Bitrate guess = view.device().initial_estimate;
  if (view.device().protocol != StreamingProtocol::kHls) return guess;
  return std::max(guess, std::min(view.ladder()[view.first_listed()].peak, kHighestPrior));
}

void ProfileEngine::on_download(const Download& download, const PlayerView& view) {
  if (download.track != TrackKind::kVideo || download.init || !download.first_byte) return;
  estimator_.add(download.received, download.latest - *download.first_byte);
  rule_->received({.rendition = download.rendition,
                   .size = download.received,
                   .took = download.latest - download.asked,
                   .to_first_byte = *download.first_byte - download.asked,
                   .buffer = std::max<base::Duration>(view.level(TrackKind::kVideo) - download.duration, base::Duration{}),
                   .segment_duration = download.duration});
  ++segments_;
}

// A decision for what is gone is made anew.
void ProfileEngine::on_ladder(const LadderChange& change, const PlayerView&) {
  current_ = change.nearest(current_);
  if (decision_ && !change.keeps(decision_->rendition)) decision_.reset();
  if (decision_) decision_->rendition = change.exact(decision_->rendition);
  rule_->on_ladder(change);
}

}  // namespace harness

#include <algorithm>

#include "harness/player/session.h"

namespace harness {
namespace {

constexpr base::Duration kHiddenTick = std::chrono::seconds{1};  // timers of pages in the background, in all browsers

}  // namespace

// When the viewer loses patience or acts next.
std::optional<base::Instant> PlayerSession::Impl::viewer_due() const {
  if (!may_act() || playback_.state() == PlayerState::kIdle || is_over()) return std::nullopt;
  if (!playback_.has_started()) return playback_.began() + *config_.patience;
  return playback_.started_at() + config_.actions[acted_].at;
}

void PlayerSession::Impl::act() {
  if (!playback_.has_started()) return finish(Ending::kLeftBeforeStart, {});
  std::visit([this](const auto& what) { act(what); }, config_.actions[acted_++].what);
}

void PlayerSession::Impl::act(const SeekTo& seek) {
  const Seekable range = seekable();
  const double length = static_cast<double>((range.last - range.first).count());
  go_to(range.first + base::Duration{static_cast<std::int64_t>(seek.place * length)});
}

void PlayerSession::Impl::act(const SeekBy& seek) {
  const Seekable range = seekable();
  go_to(std::clamp(playback_.playhead() + seek.jump, range.first, range.last));
}

void PlayerSession::Impl::act(const PausePlay&) { playback_.pause(said()); }

// A live viewer who comes back to what is no longer there goes on at the live position.
void PlayerSession::Impl::act(const ResumePlay&) {
  if (playback_.state() != PlayerState::kPaused) return;
  const Seekable range = seekable();
  if (range.live && playback_.playhead() < range.window_start) go_to(range.last);
  playback_.unpause(said());
}

void PlayerSession::Impl::act(const HidePage&) { hidden_since_ = playback_.now(); }
void PlayerSession::Impl::act(const ShowPage&) { hidden_since_.reset(); }

void PlayerSession::Impl::go_to(base::Duration position) {
  if (playback_.jump(position, said())) return;
  told_ = PlayerState::kIdle;  // the engine hears of each start
  load_from(position);
}

// The listings may be away for a moment (a switch of rendition): what they said last still holds, in a live stream moved by its age.
PlayerSession::Impl::Seekable PlayerSession::Impl::seekable() const {
  Seekable range = seekable_ ? *seekable_ : Seekable{};
  if (!range.live) return range;
  const base::Duration age = playback_.now() - range.known_at;
  range.window_start += age;
  range.first += age;
  range.last += age;
  return range;
}

// At the start of a live window a segment is about to leave it, so a target duration is kept from it.
void PlayerSession::Impl::note_seekable() {
  if (acted_ == config_.actions.size() || !playback_.is_positioned()) return;
  for (const TrackKind kind : kTrackKinds) {
    if (has(kind) && source_->track(kind) == nullptr) return;  // is_live() is not known either
  }
  const base::Duration window_start = source_->window_start(TrackKind::kVideo, now_);
  if (is_live()) {
    const base::Duration last = source_->start_position(now_);
    seekable_.filled() = {window_start, std::min(window_start + source_->target_duration(), last), last, true, now_};
  } else {
    base::Duration last = source_->track(TrackKind::kVideo)->end();
    if (source_->has_audio()) last = std::min(last, source_->track(TrackKind::kAudio)->end());
    seekable_.filled() = {window_start, window_start, std::max(last, window_start), false, now_};
  }
}

// When a timer that is set for `due` runs: pages in the background are woken once a second only.
base::Instant PlayerSession::Impl::timer(base::Instant due) const {
  if (!hidden_since_ || due <= *hidden_since_ || due == base::Instant::max()) return due;
  const base::Duration wait = due - *hidden_since_;
  return *hidden_since_ + (wait + kHiddenTick - base::Duration{1}) / kHiddenTick * kHiddenTick;
}

base::Instant PlayerSession::Impl::after(base::Duration pause) const { return pause.count() > 0 ? timer(now_ + pause) : now_; }

}  // namespace harness

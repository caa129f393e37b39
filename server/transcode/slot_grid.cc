#include "server/transcode/slot_grid.h"

#include <algorithm>

namespace server {
namespace {

constexpr std::int64_t kAudioTolerance = SlotGeometry::kSampleRate / 50;  // rounding and clock noise of a source's sound
constexpr std::int64_t kAudioFarAhead = 2 * SlotGeometry::kSampleRate;    // beyond the pictures: a broken timestamp

}  // namespace

GridActions SlotGrid::video(base::Duration now, base::Duration at) {
  GridActions actions = tick(now);
  last_video_ = now;
  const std::int64_t frame = geometry().nearest_frame(at);
  if (!running_ && starts_at(frame)) start_run(*resume_slot_, actions);
  if (!running_ || frame < next_frame_) {
    ++dropped_;
    return actions;
  }
  const bool first_of_run = !actions.empty() && std::holds_alternative<StartRun>(actions.back());
  hold_until(frame, !first_of_run, actions);
  put(frame, false, actions);
  complete_slots(actions);
  return actions;
}

// A run starts with a slot. A picture a little behind the boundary will do: the one before it may have been lost.
bool SlotGrid::starts_at(std::int64_t frame) {
  const std::int64_t late = geometry().nearest_frame(options_.loss_after);
  const bool missed = resume_slot_ && (*resume_slot_ < slot_ || frame > geometry().first_frame(*resume_slot_) + late);
  if (!resume_slot_ || missed) resume_slot_ = std::max(slot_, geometry().slot_starting_at_or_after(frame));
  return frame >= geometry().first_frame(*resume_slot_);
}

void SlotGrid::start_run(std::int64_t slot, GridActions& actions) {
  while (slot_ < slot && started_) actions.push_back(GapSlot{slot_++});
  slot_ = slot;
  next_frame_ = geometry().first_frame(slot);
  next_sample_ = geometry().first_aac_frame(slot) * SlotGeometry::kAacFrame;
  running_ = started_ = true;
  audio_follows_ = false;
  resume_slot_.reset();
  actions.push_back(StartRun{slot});
}

void SlotGrid::put(std::int64_t frame, bool held, GridActions& actions) {
  const bool key = geometry().first_frame(geometry().slot_of_frame(frame)) == frame;
  actions.push_back(EncodeVideo{.frame = frame, .key = key, .held = held});
  next_frame_ = frame + 1;
}

void SlotGrid::hold_until(std::int64_t frame, bool held, GridActions& actions) {
  while (next_frame_ < frame) {
    put(next_frame_, held, actions);
    ++held_;
  }
}

GridActions SlotGrid::audio(base::Duration at, std::int64_t samples) {
  GridActions actions;
  audio_heard_ = true;
  if (!running_) return actions;
  const std::int64_t start = SlotGeometry::nearest_sample(at);
  const std::int64_t off = start - next_sample_;
  if (start > SlotGeometry::nearest_sample(position()) + kAudioFarAhead) return actions;
  const bool follows = audio_follows_ && std::abs(off) <= kAudioTolerance;
  if (!follows && off > 0) silence_until(start, actions);
  const std::int64_t skip = follows ? 0 : std::max<std::int64_t>(0, -off);
  if (skip >= samples) return actions;
  actions.push_back(EncodeAudio{skip});
  next_sample_ += samples - skip;
  audio_follows_ = true;
  complete_slots(actions);
  return actions;
}

void SlotGrid::silence_until(std::int64_t sample, GridActions& actions) {
  if (next_sample_ >= sample) return;
  actions.push_back(EncodeSilence{sample - next_sample_});
  next_sample_ = sample;
  audio_follows_ = false;
}

std::int64_t SlotGrid::samples_needed(std::int64_t slot) const {
  return (geometry().first_aac_frame(slot + 1) + options_.audio_lookahead) * SlotGeometry::kAacFrame;
}

void SlotGrid::complete_slots(GridActions& actions) {
  while (next_frame_ >= geometry().first_frame(slot_ + 1)) {
    const std::int64_t needed = samples_needed(slot_);
    const std::int64_t trailing = SlotGeometry::nearest_sample(position()) - needed;
    if (next_sample_ < needed && audio_heard_ && trailing < SlotGeometry::nearest_sample(options_.audio_patience)) return;
    silence_until(needed, actions);
    actions.push_back(CompleteSlot{slot_++});
  }
}

GridActions SlotGrid::tick(base::Duration now) {
  GridActions actions;
  if (running_ && now - last_video_ > options_.loss_after) lose(actions);
  if (started_ && !running_) pass_gaps(now, actions);
  return actions;
}

void SlotGrid::lose(GridActions& actions) {
  const std::int64_t begun = geometry().slot_of_frame(next_frame_ - 1);
  hold_until(geometry().first_frame(begun + 1), true, actions);
  while (slot_ <= begun) {
    silence_until(samples_needed(slot_), actions);
    actions.push_back(CompleteSlot{slot_++});
  }
  running_ = false;
  resume_slot_.reset();
  ++losses_;
}

void SlotGrid::pass_gaps(base::Duration now, GridActions& actions) {
  while (geometry().slot_start(slot_ + 1) <= now) actions.push_back(GapSlot{slot_++});
}

GridActions SlotGrid::finish() {
  GridActions actions;
  if (!running_) return actions;
  const std::int64_t last = geometry().slot_of_frame(next_frame_ - 1);
  while (slot_ < last) {
    silence_until(samples_needed(slot_), actions);
    actions.push_back(CompleteSlot{slot_++});
  }
  const std::int64_t end = SlotGeometry::nearest_sample(position());
  const std::int64_t frames = (end + SlotGeometry::kAacFrame - 1) / SlotGeometry::kAacFrame;
  silence_until((frames + options_.audio_lookahead) * SlotGeometry::kAacFrame, actions);
  if (slot_ == last) actions.push_back(CompleteSlot{slot_++});
  running_ = false;
  return actions;
}

}  // namespace server

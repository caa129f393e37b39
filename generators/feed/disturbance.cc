#include "generators/feed/disturbance.h"

#include <utility>

#include "generators/feed/silent_sound.h"

namespace generators {

void Disturbance::apply(const FeedCommand& command) {
  if (const auto* loss = std::get_if<FeedLoss>(&command)) lost_share_ = loss->share;
  if (const auto* freeze = std::get_if<FeedFreeze>(&command)) look_.is_frozen = freeze->on;
  if (const auto* black = std::get_if<FeedBlack>(&command)) look_.is_black = black->on;
  if (const auto* bitrate = std::get_if<FeedBitrate>(&command)) look_.bitrate = bitrate->factor;
  if (const auto* silence = std::get_if<FeedSilence>(&command)) {
    is_silent_ = silence->on;
    if (is_silent_ && silence_.empty()) silence_ = silent_frame_for(clip_);
  }
  if (const auto* stall = std::get_if<FeedStall>(&command)) {
    awaits_key_frame_ |= is_stalled_ && !stall->on;
    is_stalled_ = stall->on;
    if (awaits_key_frame_ && encoder_) encoder_->begin_anew();
  }
}

void Disturbance::begin() {
  group_.clear();
  awaits_key_frame_ = false;
  if (encoder_) encoder_->begin_anew();
}

std::optional<Unit> Disturbance::pass(Unit unit) { return unit.is_video ? picture(std::move(unit)) : sound(std::move(unit)); }

std::optional<Unit> Disturbance::picture(Unit unit) {
  Unit shown = as_it_looks(unit);
  if (unit.is_key) group_.clear();
  group_.push_back(std::move(unit));
  if (is_stalled_ || (awaits_key_frame_ && !shown.is_key)) return std::nullopt;
  awaits_key_frame_ = false;
  if (loss_.chance(lost_share_)) return std::nullopt;
  return shown;
}

// The clip's own pictures can go on at its key frames only; until then they are encoded anew.
Unit Disturbance::as_it_looks(const Unit& unit) {
  if (look_.is_plain() && (!encoder_ || unit.is_key)) {
    encoder_.reset();
    return unit;
  }
  if (!encoder_) encoder_ = std::make_unique<PictureEncoder>(clip_, group_);
  return encoder_->in_place_of(unit, look_);
}

std::optional<Unit> Disturbance::sound(Unit unit) {
  if (is_stalled_ || awaits_key_frame_) return std::nullopt;
  if (is_silent_) unit.bytes = silence_;
  return unit;
}

}  // namespace generators

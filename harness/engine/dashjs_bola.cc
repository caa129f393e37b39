#include "harness/engine/dashjs_bola.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace harness::dashjs {
namespace {

constexpr double kMinimumBuffer = 10;        // MINIMUM_BUFFER_S, BolaRule.js
constexpr double kMinimumBufferPerRung = 2;  // MINIMUM_BUFFER_PER_BITRATE_LEVEL_S
constexpr double kPlaceholderDecay = 0.99;   // PLACEHOLDER_BUFFER_DECAY

double seconds_from(std::optional<base::Instant> then, base::Instant now) {
  return then ? std::max(0.0, base::to_seconds(now - *then)) : 0.0;
}

}  // namespace

void Bola::begin(const Ladder& ladder, double buffer_time_s) {
  kbps_ = ladder;
  utility_.clear();
  for (const double kbps : ladder) utility_.push_back(std::log(std::max(kbps, 1e-3) / std::max(ladder.front(), 1e-3)) + 1);
  state_ = utility_.back() > 1 ? State::kStartup : State::kOneBitrate;
  if (state_ == State::kStartup) set_parameters(buffer_time_s);
}

void Bola::set_parameters(double buffer_time_s) {
  buffer_time_s_ = buffer_time_s;
  const double buffer = std::max(buffer_time_s, kMinimumBuffer + kMinimumBufferPerRung * static_cast<double>(kbps_.size()));
  gp_ = (utility_.back() - 1) / (buffer / kMinimumBuffer - 1);
  vp_ = kMinimumBuffer / gp_;
}

// The level that the player means to hold has changed: the placeholder keeps its meaning.
void Bola::adapt_to(const Situation& situation) {
  if (situation.buffer_time_s == buffer_time_s_) return;
  const double vp = vp_;
  set_parameters(situation.buffer_time_s);
  if (vp == vp_) return;
  const double effective = (situation.level_s + placeholder_s_ - kMinimumBuffer) * vp_ / vp + kMinimumBuffer;
  placeholder_s_ = std::max(0.0, effective - situation.level_s);
}

std::optional<Bola::Choice> Bola::choose(const Ladder& ladder, const Situation& situation) {
  if (state_ == State::kUnborn) begin(ladder, situation.buffer_time_s);
  if (state_ == State::kOneBitrate) return std::nullopt;
  adapt_to(situation);
  if (state_ == State::kStartup) return start_up(situation);
  return go_steady(situation);
}

std::optional<Bola::Choice> Bola::start_up(const Situation& situation) {
  if (!situation.affordable) return std::nullopt;
  current_ = *situation.affordable;
  placeholder_s_ = std::max(0.0, lowest_level_for(current_) - situation.level_s);
  if (last_duration_s_ && situation.level_s >= *last_duration_s_) state_ = State::kSteady;
  return Choice{.rendition = current_};
}

Bola::Choice Bola::go_steady(const Situation& situation) {
  grow_placeholder(situation.now);
  std::size_t rung = by_level(situation.level_s + placeholder_s_);
  const std::size_t affordable = situation.affordable.value_or(0);
  if (rung > current_ && rung > affordable) rung = std::max(affordable, current_);  // BOLA-O: no oscillation
  double delay = std::max(0.0, situation.level_s + placeholder_s_ - highest_level_for(rung));
  const double taken = std::min(delay, placeholder_s_);
  placeholder_s_ -= taken;
  delay = rung + 1 < kbps_.size() ? delay - taken : 0;
  current_ = rung;
  return {.rendition = rung, .delay_s = delay};
}

// Time that passed without a download counts as if media had come.
void Bola::grow_placeholder(base::Instant now) {
  placeholder_s_ += seconds_from(last_finish_ ? last_finish_ : last_call_, now);
  last_call_ = now;
  last_finish_.reset();
}

// Of equal scores the highest rendition.
std::size_t Bola::by_level(double level_s) const {
  std::size_t best = 0;
  double best_score = -std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < kbps_.size(); ++i) {
    const double score = (vp_ * (utility_[i] - 1 + gp_) - level_s) / kbps_[i];
    if (score >= best_score) best_score = score, best = i;
  }
  return best;
}

// From here on it scores higher than all below.
double Bola::lowest_level_for(std::size_t rendition) const {
  double lowest = 0;
  for (std::size_t i = 0; i < rendition; ++i) {
    if (utility_[i] >= utility_[rendition]) continue;
    const double crossing = (kbps_[rendition] * utility_[i] - kbps_[i] * utility_[rendition]) / (kbps_[rendition] - kbps_[i]);
    lowest = std::max(lowest, vp_ * (gp_ + crossing));
  }
  return lowest;
}

void Bola::on_segment(const Segment& segment, double level_s) {
  if (!listens()) return;
  const bool replaces = most_advanced_ && segment.start <= *most_advanced_;
  if (!replaces) most_advanced_ = segment.start;
  current_ = segment.rendition;
  last_duration_s_ = base::to_seconds(segment.duration);
  last_finish_ = segment.finished;
  const double level_at_request = level_s + base::to_seconds(segment.finished - segment.asked);
  placeholder_s_ = std::min(placeholder_s_ * kPlaceholderDecay, std::max(0.0, highest_level_for(current_) - level_at_request));
  if (replaces) placeholder_s_ += *last_duration_s_;  // it took a download without adding to the buffer
}

void Bola::on_abandon(double level_s) {
  if (!listens()) return;
  const double wanted = current_ > 0 ? lowest_level_for(current_) : kMinimumBuffer;
  placeholder_s_ = std::min(placeholder_s_, std::max(0.0, wanted - level_s));
}

void Bola::on_buffer_empty() {
  if (state_ == State::kSteady) placeholder_s_ = 0;
}

void Bola::on_seek() {
  if (!listens()) return;
  state_ = State::kStartup;
  placeholder_s_ = 0;
  most_advanced_.reset();
  last_duration_s_.reset();
  last_finish_.reset();
}

}  // namespace harness::dashjs

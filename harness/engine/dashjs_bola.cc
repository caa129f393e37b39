#include "harness/engine/dashjs_bola.h"

#include <algorithm>

namespace harness::dashjs {
namespace {

constexpr double kMinimumBuffer = 10;       // MINIMUM_BUFFER_S, BolaRule.js
constexpr double kPlaceholderDecay = 0.99;  // PLACEHOLDER_BUFFER_DECAY

double seconds_from(std::optional<base::Instant> then, base::Instant now) {
  return then ? std::max(0.0, base::to_seconds(now - *then)) : 0.0;
}

}  // namespace

void Bola::begin(const Ladder& ladder, double buffer_time_s) {
  std::vector<double> kbps(ladder.size());
  for (std::size_t i = 0; i < kbps.size(); ++i) kbps[i] = std::max(ladder[i], 1e-3);
  utility_.set(kbps, 1);
  state_ = utility_.is_flat() ? State::kOneBitrate : State::kStartup;
  if (state_ == State::kStartup) tune_for(buffer_time_s);
}

void Bola::tune_for(double buffer_time_s) {
  buffer_time_s_ = buffer_time_s;
  utility_.tune_for(buffer_time_s, kMinimumBuffer);
}

// The level that the player means to hold has changed: the placeholder keeps its meaning.
void Bola::adapt_to(const Situation& situation) {
  if (situation.buffer_time_s == buffer_time_s_) return;
  const double vp = utility_.vp();
  tune_for(situation.buffer_time_s);
  if (vp == utility_.vp()) return;
  const double effective = (situation.level_s + placeholder_s_ - kMinimumBuffer) * utility_.vp() / vp + kMinimumBuffer;
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
  on_quality_change(*situation.affordable);
  placeholder_s_ = std::max(0.0, utility_.least_level(current_) - situation.level_s);
  if (last_duration_ && situation.level_s >= base::to_seconds(*last_duration_)) state_ = State::kSteady;
  return Choice{.rendition = current_};
}

Bola::Choice Bola::go_steady(const Situation& situation) {
  grow_placeholder(situation.now);
  std::size_t rung = by_level(situation.level_s + placeholder_s_);
  const std::size_t affordable = situation.affordable.value_or(0);
  if (rung > current_ && rung > affordable) rung = std::max<std::size_t>(affordable, current_);  // BOLA-O: no oscillation
  double delay = std::max(0.0, situation.level_s + placeholder_s_ - utility_.greatest_level(rung));
  const double taken = std::min(delay, placeholder_s_);
  placeholder_s_ -= taken;
  delay = rung + 1 < utility_.size() ? delay - taken : 0;
  on_quality_change(rung);
  return {.rendition = rung, .delay_s = delay};
}

// Time that passed without a download counts as if media had come.
void Bola::grow_placeholder(base::Instant now) {
  placeholder_s_ += seconds_from(last_finish_ ? last_finish_ : last_call_, now);
  last_call_ = now;
  last_finish_.reset();
}

// The score takes 1 off the utilities, which is as if there were Vp more in the buffer; the levels of a rendition do not.
std::size_t Bola::by_level(double level_s) const { return utility_.best(level_s + utility_.vp(), BolaUtility::Equals::kHigher); }

void Bola::on_segment(const Segment& segment, double level_s) {
  if (!listens()) return;
  const bool replaces = most_advanced_ && segment.start <= *most_advanced_;
  if (!replaces) most_advanced_ = segment.start;
  on_quality_change(segment.rendition);
  last_duration_ = segment.duration;
  last_finish_ = segment.finished;
  const double level_at_request = level_s + base::to_seconds(segment.finished - segment.asked);
  placeholder_s_ = std::min(placeholder_s_ * kPlaceholderDecay, std::max(0.0, utility_.greatest_level(current_) - level_at_request));
  if (replaces) placeholder_s_ += base::to_seconds(segment.duration);  // it took a download without adding to the buffer
}

void Bola::on_abandon(double level_s) {
  if (!listens()) return;
  const double wanted = current_ > 0 ? utility_.least_level(current_) : kMinimumBuffer;
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
  last_duration_.reset();
  last_finish_.reset();
}

}  // namespace harness::dashjs

#include "harness/abr/playout.h"

#include <algorithm>
#include <cmath>

namespace harness::abr {

Playout::Playout(const Movie& movie, double buffer_ms) : movie_{movie}, buffer_ms_{buffer_ms}, renditions_(movie.segments()) {
  static_assert(kMostRenditions <= 256);
}

void Playout::play(double ms, std::size_t sustainable) {
  if (begin_ == end_) {
    stalled_ms_ += ms;
    play_ms_ += ms;
    return;
  }
  if (played_of_first_ms_ > 0) {
    if (ms + played_of_first_ms_ < movie_.segment_ms) {
      played_of_first_ms_ += ms;
      play_ms_ += ms;
      return;
    }
    ms -= movie_.segment_ms - played_of_first_ms_;
    play_ms_ += movie_.segment_ms - played_of_first_ms_;
    ++begin_;
    played_of_first_ms_ = 0;
  }
  while (ms > 0 && begin_ < end_) {
    show(renditions_[begin_], sustainable);
    const bool whole = ms >= movie_.segment_ms;
    const double played_ms = whole ? movie_.segment_ms : ms;
    play_ms_ += played_ms;
    ms -= played_ms;
    if (whole)
      ++begin_;
    else
      played_of_first_ms_ = played_ms;
  }
  if (ms > 0) {
    stalled_ms_ += ms;
    play_ms_ += ms;
    ++stalls_;
  }
  settle_rises(play_ms_);
}

void Playout::show(std::size_t rendition, std::size_t sustainable) {
  utility_ += movie_.utilities[rendition];
  kbps_ += movie_.kbps[rendition];
  if (last_ && *last_ != rendition) {
    change_ += std::abs(movie_.kbps[rendition] - movie_.kbps[*last_]);
    log_change_ += std::abs(std::log(movie_.kbps[rendition] / movie_.kbps[*last_]));
  }
  last_ = rendition;
  if (!rampup_ms_ && rendition >= sustainable) rampup_ms_ = play_ms_;
  for (Rise& rise : rises_)
    if (!rise.until_ms && rendition >= rise.rendition) rise.until_ms = play_ms_;
}

// A rise is counted once it is older than the buffer is long.
void Playout::settle_rises(double now_ms) {
  const double cutoff_ms = now_ms - buffer_ms_;
  const auto young = std::ranges::find_if(rises_, [cutoff_ms](const Rise& rise) { return rise.since_ms >= cutoff_ms; });
  for (auto rise = rises_.begin(); rise != young; ++rise)
    reaction_ms_ += rise->until_ms ? std::min(buffer_ms_, *rise->until_ms - rise->since_ms) : buffer_ms_;
  rises_.erase(rises_.begin(), young);
}

// Not where the buffer holds as much already, nor where a rise to as much is pending.
bool Playout::is_rise(std::size_t rendition, std::size_t before) const {
  if (rendition <= before) return false;
  for (std::size_t i = begin_; i < end_; ++i)
    if (renditions_[i] >= rendition) return false;
  return std::ranges::none_of(rises_, [rendition](const Rise& rise) { return rise.rendition >= rendition; });
}

void Playout::on_sustainable(double now_ms, std::size_t rendition, std::size_t before) {
  settle_rises(now_ms);
  for (Rise& rise : rises_)
    if (!rise.until_ms && rise.rendition > rendition) rise.until_ms = now_ms;
  if (is_rise(rendition, before)) rises_.push_back({.since_ms = now_ms, .rendition = rendition});
}

void Playout::report(Figures& figures) const {
  const double per_chunk = 1 / (play_ms_ / movie_.segment_ms);
  figures.buffer_size = buffer_ms_;
  figures.total_played_utility = utility_;
  figures.time_average_played_utility = utility_ * per_chunk;
  figures.total_played_bitrate = kbps_;
  figures.time_average_played_bitrate = kbps_ * per_chunk;
  figures.total_play_time = play_ms_ / 1000;
  figures.total_play_time_chunks = play_ms_ / movie_.segment_ms;
  figures.total_rebuffer = stalled_ms_ / 1000;
  figures.rebuffer_ratio = stalled_ms_ / play_ms_;
  figures.time_average_rebuffer = stalled_ms_ / 1000 * per_chunk;
  figures.total_rebuffer_events = static_cast<double>(stalls_);
  figures.time_average_rebuffer_events = figures.total_rebuffer_events * per_chunk;
  figures.total_bitrate_change = change_;
  figures.time_average_bitrate_change = change_ * per_chunk;
  figures.total_log_bitrate_change = log_change_;
  figures.time_average_log_bitrate_change = log_change_ * per_chunk;
  constexpr double kStallPenalty = 5;  // --gamma-p
  figures.time_average_score = per_chunk * (utility_ - kStallPenalty * stalled_ms_ / movie_.segment_ms);
  figures.rampup_time = rampup_ms_.value_or(static_cast<double>(movie_.segments()) * movie_.segment_ms) / 1000;
  figures.total_reaction_time = reaction_ms_ / 1000;
}

}  // namespace harness::abr

#include "harness/engine/sabre_bola_e.h"

#include <algorithm>

namespace harness::sabre {
namespace {

constexpr double kLeast_ms = 10'000;  // minimum_buffer

}  // namespace

Choice BolaE::choose(const Situation& situation) {
  if (!steady()) return start(situation);
  const std::size_t choice = wanted(situation);
  const double delay_ms = spend(situation, choice);
  const std::size_t capped = insufficient_buffer_.cap(film_, situation, choice);
  if (capped == choice) return {.rendition = choice, .delay_ms = delay_ms};
  shrink(situation.level_ms, utility_.least_level(capped));
  return {.rendition = capped};
}

// What throughput allows, and as much placeholder as makes BOLA choose the same.
Choice BolaE::start(const Situation& situation) {
  utility_.set(film_.kbps, 1);
  utility_.tune_for(film_.buffer_ms, kLeast_ms);
  const std::size_t choice = highest_in_time(film_, situation.kbps, situation.latency_ms);
  placeholder_ms_ = std::max(0.0, utility_.least_level(choice) - situation.level_ms);
  return {.rendition = choice};
}

std::size_t BolaE::wanted(const Situation& situation) const {
  const std::size_t best = utility_.best(situation.level_ms + placeholder_ms_, BolaUtility::Equals::kLower);
  const std::size_t affordable = highest_in_time(film_, situation.kbps, situation.latency_ms);
  if (best <= last_ || best <= affordable) return best;
  return std::max(last_, affordable) + (calm_ ? 0 : 1);
}

// Beyond the level at which the choice is worth loading, first the placeholder is used up, then the player waits; not at the top.
double BolaE::spend(const Situation& situation, std::size_t choice) {
  const double over_ms = situation.level_ms + placeholder_ms_ - utility_.greatest_level(choice);
  if (over_ms <= 0) return 0;
  const double from_placeholder_ms = std::min(over_ms, placeholder_ms_);
  placeholder_ms_ -= from_placeholder_ms;
  return choice + 1 < film_.kbps.size() ? over_ms - from_placeholder_ms : 0;
}

// To what makes up `most_ms` with the buffer.
void BolaE::shrink(double level_ms, double most_ms) { placeholder_ms_ = std::min(placeholder_ms_, std::max(0.0, most_ms - level_ms)); }

// After a download the level means no less and no more than the rendition does; one given up was too much to hope for.
void BolaE::ended(const Download& download, double level_ms) {
  last_ = download.rendition;
  if (!steady()) return;
  if (download.given_up_for) return shrink(level_ms, *download.given_up_for > 0 ? utility_.least_level(*download.given_up_for) : kLeast_ms);
  const double level_was_ms = level_ms + download.ms;
  shrink(level_was_ms, utility_.greatest_level(download.rendition));
  if (level_ms > 0) placeholder_ms_ = std::max(placeholder_ms_, utility_.least_level(download.rendition) - level_was_ms);
}

// Starting anew costs the wait for the first bit once more: what would be left then is compared.
std::optional<std::size_t> BolaE::give_up_for(const Download& download, const Situation& situation) {
  const double left = download.bits - download.bits_here;
  if (!steady() || download.bits_here <= 0 || left <= 0) return std::nullopt;
  const double level_ms = std::max(0.0, situation.level_ms + placeholder_ms_ - download.latency_ms);
  const double kbps = download.bits_here / (download.ms - download.latency_ms);
  const double left_then = left - download.latency_ms * kbps;
  if (left_then <= 0) return std::nullopt;
  double score = (utility_.greatest_level(download.rendition) - level_ms) / left_then;
  std::optional<std::size_t> instead;
  for (std::size_t i = 0; i < download.rendition; ++i) {
    const double bits = download.bits * film_.kbps[i] / film_.kbps[download.rendition];
    if (bits >= left_then) break;  // finishing is less than that
    const double other = (utility_.greatest_level(i) - level_ms) / bits;
    if (other > score) score = other, instead = i;
  }
  return instead;
}

}  // namespace harness::sabre

#include "harness/engine/sabre_bola.h"

#include <algorithm>

#include "harness/engine/sabre_throughput.h"

namespace harness::sabre {
namespace {

constexpr double kGp = 5;  // --gamma-p

}  // namespace

Bola::Bola(const Film& film, Options options) : film_{film}, options_{options} { utility_.set(film.kbps, 0); }

void Bola::tune(const Situation& situation) {
  double buffer_ms = film_.buffer_ms;
  if (!options_.basic) {
    const auto from_the_ends = static_cast<double>(std::min(situation.segment, situation.segments_left));
    buffer_ms = std::min(buffer_ms, std::max(from_the_ends / 2, 3.0) * film_.segment_ms);
  }
  utility_.tune(kGp, (buffer_ms - film_.segment_ms) / (utility_.top() + kGp));
}

Choice Bola::choose(const Situation& situation) {
  tune(situation);
  const std::size_t wanted = utility_.best(situation.level_ms, BolaUtility::Equals::kLower);
  const Choice choice = wanted > last_ ? limited(situation, wanted) : Choice{.rendition = wanted};
  last_ = choice.rendition;
  return choice;
}

Choice Bola::limited(const Situation& situation, std::size_t wanted) const {
  const std::size_t affordable = highest_in_time(film_, situation.kbps, situation.latency_ms);
  if (wanted <= affordable) return {.rendition = wanted};
  if (last_ > affordable) return {.rendition = last_};
  if (!options_.calm) return {.rendition = affordable + 1};
  return {.rendition = affordable, .delay_ms = std::max(0.0, situation.level_ms - utility_.greatest_level(affordable))};
}

// Nothing in the basic form. A score below 0: the buffer is fuller than the rendition is worth.
std::optional<std::size_t> Bola::give_up_for(const Download& download, const Situation& situation) {
  const double left = download.bits - download.bits_here;
  if (options_.basic || download.bits_here <= 0 || left <= 0) return std::nullopt;
  double score = (utility_.greatest_level(download.rendition) - situation.level_ms) / left;
  if (score < 0) return std::nullopt;
  std::optional<std::size_t> instead;
  for (std::size_t i = 0; i < download.rendition; ++i) {
    const double bits = download.bits * film_.kbps[i] / film_.kbps[download.rendition];
    if (bits >= left) break;  // finishing is less than that
    const double other = (utility_.greatest_level(i) - situation.level_ms) / bits;
    if (other > score) score = other, instead = i;
  }
  if (instead) last_ = *instead;
  return instead;
}

}  // namespace harness::sabre

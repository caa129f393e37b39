// What all kinds of BOLA have in common (Spiteri, Urgaonkar, Sitaraman: "BOLA", INFOCOM 2016): logarithmic utilities and the score of a
// rendition at a buffer level. The unit of time is the caller's; Sabre's rules take milliseconds, the others seconds.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/units.h"

namespace harness {

class BolaUtility {
 public:
  // Which of two renditions with the same score: Sabre takes the lower, dash.js the higher one.
  enum class Equals { kLower, kHigher };

  // Requires: rates of at least one rendition, ascending, above 0. `lowest`: utility of the lowest rendition, 0 or 1.
  void set(std::span<const double> kbps, double lowest);
  // gp and Vp are the paper's γp and V (with p as unit of time).
  void tune(double gp, double vp) { gp_ = gp, vp_ = vp; }
  // As dash.js and BOLA-E do it: the lowest is chosen below `least` (10 s in the unit of time), and the top needs that and a fifth of it
  // for each rendition, or the target.
  void tune_for(double buffer_target, double least);

  std::size_t size() const { return rungs_.size(); }
  bool is_for(const std::vector<base::Bitrate>& ladder) const;
  // All cost the same: nothing to trade.
  bool is_flat() const { return rungs_.back().kbps <= rungs_.front().kbps; }
  double top() const { return rungs_.back().utility; }
  double vp() const { return vp_; }

  // The rendition with the best score.
  std::size_t best(double level, Equals equals) const;
  // The level above which a rendition is preferred to all lower ones.
  double least_level(std::size_t rendition) const;
  // The level above which loading it is not worth it.
  double greatest_level(std::size_t rendition) const { return vp_ * (rungs_[rendition].utility + gp_); }

 private:
  struct Rung {
    double kbps, utility;
  };
  std::vector<Rung> rungs_;
  double lowest_ = 0, gp_ = 1, vp_ = 1;
};

// At least 1 bit/s each.
std::vector<double> bola_rates(const std::vector<base::Bitrate>& ladder);

}  // namespace harness

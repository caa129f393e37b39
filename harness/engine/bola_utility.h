// What the kinds of BOLA have in common (Spiteri, Urgaonkar, Sitaraman: "BOLA", INFOCOM 2016): logarithmic utilities and the score of a
// rendition at a buffer level. Times in seconds.
#pragma once

#include <cstddef>
#include <vector>

#include "base/units.h"

namespace harness {

class BolaUtility {
 public:
  // `lowest`: utility of the lowest rendition, 0 or 1. gp and Vp are the paper's γp and V (with p as unit of time).
  void set(const std::vector<base::Bitrate>& ladder, double lowest);
  void tune(double gp, double vp) { gp_ = gp, vp_ = vp; }
  // As dash.js and BOLA-E do it: the lowest is chosen below 10 s, and the top needs 10 s + 2 s a rendition, or the target.
  void tune_for(double buffer_target_s);
  bool is_for(const std::vector<base::Bitrate>& ladder) const;

  double top() const { return utilities_.back(); }
  // The rendition with the best score; the higher one of equals.
  std::size_t best(double level_s) const;
  // The level above which a rendition is preferred to all lower ones.
  double least_level(std::size_t rendition) const;
  // The level above which loading it is not worth it.
  double greatest_level(std::size_t rendition) const { return vp_ * (utilities_[rendition] + gp_); }

 private:
  std::vector<double> rates_, utilities_;
  double gp_ = 1, vp_ = 1;
};

}  // namespace harness

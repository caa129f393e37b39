// SabreAbrRule: a rule of Sabre in a session. The first segment is of the lowest rendition; a download is never given up. When the ladder
// changes the rule starts anew.
#pragma once

#include <functional>

#include "harness/engine/abr_rule.h"
#include "harness/engine/latency_estimator.h"
#include "harness/engine/sabre_rule.h"

namespace harness {

class SabreAbrRule final : public AbrRule {
 public:
  using Make = std::function<std::unique_ptr<sabre::Rule>(const sabre::Film& film)>;
  explicit SabreAbrRule(Make make) : make_{std::move(make)} {}
  bool chooses_once() const override { return true; }
  std::size_t choose(const AbrSnapshot& snapshot) override;
  base::Duration hold() const override { return hold_; }
  void waited(base::Duration time) override;
  void received(const AbrReport& report) override;
  // Downloads are of the new one from now on.
  void on_ladder(const LadderChange&) override { rule_.reset(); }

 private:
  void learn(const AbrSnapshot& snapshot);

  Make make_;
  sabre::Film film_;  // before the rule, which refers to it
  std::unique_ptr<sabre::Rule> rule_;
  LatencyEstimator latency_;
  base::Duration hold_{};
};

}  // namespace harness

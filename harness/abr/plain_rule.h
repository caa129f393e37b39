// PlainRule: a rule of a session's player in Sabre's model. It never gives a download up.
#pragma once

#include <memory>

#include "harness/engine/abr_rule.h"
#include "harness/engine/sabre_rule.h"

namespace harness::abr {

class PlainRule final : public sabre::Rule {
 public:
  PlainRule(const sabre::Film& film, std::unique_ptr<AbrRule> rule);
  sabre::Choice choose(const sabre::Situation& situation) override;
  void began(const sabre::Download& first, double level_ms) override { ended(first, level_ms); }
  void waited(double ms) override;
  void ended(const sabre::Download& download, double level_ms) override;

 private:
  std::unique_ptr<AbrRule> rule_;
  AbrSnapshot snapshot_;
};

}  // namespace harness::abr

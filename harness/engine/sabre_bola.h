// sabre::Bola (Sabre's "bola"): BOLA with γp 5 s. Basic is BOLA for an endless film; otherwise it is BOLA-FINITE, which trusts the buffer
// less near the start and the end. A step up goes one rendition beyond what throughput allows, or, calm (BOLA-O), never beyond: then it
// waits.
#pragma once

#include "harness/engine/bola_utility.h"
#include "harness/engine/sabre_rule.h"

namespace harness::sabre {

class Bola final : public Rule {
 public:
  struct Options {
    bool basic = false, calm = false;  // -ab, -ao
  };
  Bola(const Film& film, Options options);
  Choice choose(const Situation& situation) override;
  std::optional<std::size_t> give_up_for(const Download& download, const Situation& situation) override;

 private:
  void tune(const Situation& situation);
  Choice limited(const Situation& situation, std::size_t wanted) const;

  const Film& film_;
  Options options_;
  BolaUtility utility_;
  std::size_t last_ = 0;
};

}  // namespace harness::sabre

// sabre::BolaE (Sabre's "bolae"), which dash.js 4 plays: a placeholder stands for media that the player would have had, had it not waited
// or started just now, so that BOLA climbs at once; and the insufficient buffer rule. The score has utilities from 1 up.
#pragma once

#include "harness/engine/bola_utility.h"
#include "harness/engine/sabre_throughput.h"

namespace harness::sabre {

class BolaE final : public Rule {
 public:
  // `calm`: a step up never goes beyond what throughput allows, rather than one rendition beyond (-ao).
  explicit BolaE(const Film& film, bool calm = false) : film_{film}, calm_{calm} {}
  Choice choose(const Situation& situation) override;
  void waited(double ms) override { placeholder_ms_ += ms; }
  void ended(const Download& download, double level_ms) override;
  std::optional<std::size_t> give_up_for(const Download& download, const Situation& situation) override;

 private:
  bool steady() const { return utility_.size() > 0; }
  Choice start(const Situation& situation);
  std::size_t wanted(const Situation& situation) const;
  double spend(const Situation& situation, std::size_t choice);
  void shrink(double level_ms, double most_ms);

  const Film& film_;
  bool calm_;
  BolaUtility utility_;  // empty until the first choice
  InsufficientBuffer insufficient_buffer_;
  double placeholder_ms_ = 0;
  std::size_t last_ = 0;  // downloaded, or tried
};

}  // namespace harness::sabre

// BolaERule: BOLA-E of Sabre, which dash.js 4 plays: a placeholder stands for media that the player would have had, had it not waited or
// started just now, so that BOLA climbs at once; and the insufficient buffer rule. The score has utilities from 1 up.
#pragma once

#include "harness/engine/bola_utility.h"
#include "harness/engine/sabre_throughput.h"

namespace harness {

class BolaERule final : public AbrRule {
 public:
  // `calm`: a step up never goes beyond what throughput allows, rather than one rendition beyond.
  explicit BolaERule(bool calm = false) : calm_{calm} {}
  bool chooses_once() const override { return true; }
  std::size_t choose(const AbrSnapshot& snapshot) override;
  base::Duration hold() const override { return hold_; }
  void waited(base::Duration time) override { placeholder_s_ += base::to_seconds(time); }
  void received(const AbrReport& report) override;

 private:
  std::size_t start(const AbrSnapshot& snapshot);
  std::size_t wanted(const AbrSnapshot& snapshot) const;
  void spend(const AbrSnapshot& snapshot, std::size_t choice);

  bool calm_;
  bool steady_ = false;
  BolaUtility utility_;
  InsufficientBuffer insufficient_buffer_;
  double placeholder_s_ = 0;
  std::size_t last_ = 0;  // received
  base::Duration hold_{};
};

}  // namespace harness

// BolaOriginalRule: BOLA as Sabre has it, γp 5 s. BASIC is BOLA for an endless film with the limit that a step up goes one rendition
// beyond what throughput allows; O is BOLA-FINITE, which trusts the buffer less near the start and the end, and never steps up beyond
// throughput but waits instead.
#pragma once

#include "harness/engine/bola_utility.h"
#include "harness/engine/sabre_throughput.h"

namespace harness {

class BolaOriginalRule final : public AbrRule {
 public:
  enum class Kind { kBasic, kO };
  explicit BolaOriginalRule(Kind kind) : kind_{kind} {}
  bool chooses_once() const override { return true; }
  std::size_t choose(const AbrSnapshot& snapshot) override;
  base::Duration hold() const override { return hold_; }

 private:
  void tune(const AbrSnapshot& snapshot);
  std::size_t limited(const AbrSnapshot& snapshot, std::size_t wanted);

  Kind kind_;
  BolaUtility utility_;
  std::size_t last_ = 0;
  base::Duration hold_{};
};

}  // namespace harness

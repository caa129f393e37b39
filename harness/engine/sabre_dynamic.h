// Sabre's two rules that switch between throughput and BOLA. sabre::Dynamic ("dynamic"): BOLA above 10 s of buffer once it asks for no
// less than throughput does, back when it asks for less below 10 s. sabre::DynamicDash ("dynamicdash"): BOLA-E above 10 s, back below 5 s.
#pragma once

#include "harness/engine/sabre_bola.h"
#include "harness/engine/sabre_bola_e.h"

namespace harness::sabre {

class Dynamic final : public Rule {
 public:
  explicit Dynamic(const Film& film, bool calm) : by_buffer_{film, {.calm = calm}}, by_throughput_{film} {}
  Choice choose(const Situation& situation) override;
  // Always by throughput.
  std::optional<std::size_t> give_up_for(const Download& download, const Situation& situation) override;

 private:
  Bola by_buffer_;
  Throughput by_throughput_;
  bool trusts_buffer_ = false;
};

class DynamicDash final : public Rule {
 public:
  explicit DynamicDash(const Film& film) : by_buffer_{film}, by_throughput_{film} {}
  Choice choose(const Situation& situation) override;
  void waited(double ms) override { by_buffer_.waited(ms); }
  void ended(const Download& download, double level_ms) override { by_buffer_.ended(download, level_ms); }
  std::optional<std::size_t> give_up_for(const Download& download, const Situation& situation) override;

 private:
  Rule& active() { return trusts_buffer_ ? static_cast<Rule&>(by_buffer_) : by_throughput_; }

  BolaE by_buffer_;
  Throughput by_throughput_;
  bool trusts_buffer_ = false;
};

}  // namespace harness::sabre

// sabre::Throughput (Sabre's "throughput"): the highest rendition that arrives in time at a share of the estimate, and that the buffer
// can wait for. And the two rules of thumb that it shares with the others.
#pragma once

#include "harness/engine/sabre_rule.h"

namespace harness::sabre {

// The highest rendition of which a segment takes no longer than it lasts, the wait for its first bit included.
std::size_t highest_in_time(const Film& film, double kbps, double latency_ms);

// The insufficient buffer rule: a segment must fit into a share of what the buffer gives time for; 0.9 of it at first, then less and
// less, down to a half.
class InsufficientBuffer {
 public:
  // The choice, or less. Each call is a choice.
  std::size_t cap(const Film& film, const Situation& situation, std::size_t choice);

 private:
  double share_ = 0.9;
};

class Throughput final : public Rule {
 public:
  explicit Throughput(const Film& film, double safety_factor = 0.9) : film_{film}, safety_factor_{safety_factor} {}
  Choice choose(const Situation& situation) override;
  std::optional<std::size_t> give_up_for(const Download& download, const Situation& situation) override;

 private:
  const Film& film_;
  double safety_factor_;
  InsufficientBuffer insufficient_buffer_;
};

}  // namespace harness::sabre

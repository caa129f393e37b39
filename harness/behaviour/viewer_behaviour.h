// ViewerBehaviour: one viewer's visits, one after the other, drawn from the cohort's distributions by the viewer's seed. Each kind of
// action of each visit has a random stream of its own: whether a viewer also pauses does not change when it seeks. Pure.
#pragma once

#include <cstdint>
#include <optional>

#include "base/random.h"
#include "harness/behaviour/visit.h"
#include "harness/scenario/behaviour.h"

namespace harness {

class ViewerBehaviour {
 public:
  struct Bounds {
    std::size_t channels = 1;  // streams that there are, at least one
    base::Duration horizon{};  // no action and no change of channel is planned beyond
  };
  // `behaviour` must outlive this.
  ViewerBehaviour(const Behaviour& behaviour, Bounds bounds, std::uint64_t seed);

  // The next visit, on the first channel at first; nothing when the viewer leaves after the last one.
  std::optional<Visit> next();
  bool has_next() const { return !leaves_; }

 private:
  const Behaviour& behaviour_;
  Bounds bounds_;
  std::uint64_t seed_;
  std::optional<base::Duration> watch_left_;  // absent: to the end
  base::Random zaps_;
  std::uint64_t visits_ = 0;
  std::size_t channel_ = 0;
  bool leaves_ = false;
};

}  // namespace harness

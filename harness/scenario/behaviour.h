// What the viewers of a cohort do, as distributions from which each viewer draws by its own seed (harness/behaviour). Plain data.
#pragma once

#include <optional>
#include <variant>

#include "base/time.h"

namespace harness {

struct Fixed {
  base::Duration value{};
  friend bool operator==(const Fixed&, const Fixed&) = default;
};
struct Uniform {
  base::Duration min{}, max{};
  friend bool operator==(const Uniform&, const Uniform&) = default;
};
struct Exponential {
  base::Duration mean{};
  friend bool operator==(const Exponential&, const Exponential&) = default;
};
// By what half of the viewers exceed, and a tenth of them.
struct Lognormal {
  base::Duration median{}, p90{};
  friend bool operator==(const Lognormal&, const Lognormal&) = default;
};
// A shape below 1: those who have stayed long stay longer still; 1 is exponential.
struct Weibull {
  base::Duration scale{};
  double shape = 1;
  friend bool operator==(const Weibull&, const Weibull&) = default;
};
using Distribution = std::variant<Fixed, Uniform, Exponential, Lognormal, Weibull>;

// Something that comes, lasts a while, and comes again.
struct Spells {
  Distribution every;  // from the first frame, or the end of the spell before
  Distribution lasts;
  friend bool operator==(const Spells&, const Spells&) = default;
};

struct Seeking {
  Distribution every;
  std::optional<Distribution> by;  // how far from the playhead; absent: to anywhere
  double back = 0;                 // share of those that go back
  friend bool operator==(const Seeking&, const Seeking&) = default;
};

struct Behaviour {
  std::optional<Distribution> watch;     // from the first frame; absent: until the end of the scenario
  std::optional<Distribution> patience;  // with a start; absent: endless
  std::optional<Seeking> seek;
  std::optional<Spells> pause;
  std::optional<Spells> hide;       // the page is in the background
  std::optional<Distribution> zap;  // how long a viewer stays with a channel before turning to another; absent: for good
  friend bool operator==(const Behaviour&, const Behaviour&) = default;
};

}  // namespace harness

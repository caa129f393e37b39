// AbrRule: which rendition to load next, from a snapshot of the player. No clock, no randomness; a rule belongs to one player and may
// remember its own choices. One rule one file, listed in make_abr_rule.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "harness/scenario/scenario.h"

namespace harness {

struct AbrSnapshot {
  std::vector<base::Bitrate> ladder;  // declared, ascending, already capped by screen size
  std::size_t current = 0;            // index last chosen
  bool first_choice = false;          // nothing was chosen yet
  base::Bitrate estimate;             // throughput; the device's initial estimate before any sample
  base::Duration buffer{};            // video ahead of the playhead
  base::Duration segment_duration{};
  base::Duration buffer_target{};
};

class AbrRule {
 public:
  virtual ~AbrRule() = default;
  // Returns an index into the ladder. Requires: the ladder is not empty.
  virtual std::size_t choose(const AbrSnapshot& snapshot) = 0;
};

std::unique_ptr<AbrRule> make_abr_rule(const Device& device);

}  // namespace harness

// Two rules of thumb that the algorithms of Sabre share (Spiteri, Sitaraman, Sparacio: "From Theory to Practice", MMSys 2018; as in
// its simulator, commit 09b03bb).
#pragma once

#include "harness/engine/abr_rule.h"

namespace harness {

// The highest rendition of which a segment takes no longer than it lasts, the wait for its first byte included.
std::size_t highest_in_time(const AbrSnapshot& snapshot, base::Bitrate estimate);

// The insufficient buffer rule: a segment must fit into a share of what the buffer gives time for; 0.9 of it at first, then less and
// less, down to a half.
class InsufficientBuffer {
 public:
  // The choice, or less. Each call is a choice.
  std::size_t cap(const AbrSnapshot& snapshot, std::size_t choice);

 private:
  double share_ = 0.9;
};

}  // namespace harness

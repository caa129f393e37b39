#include "harness/engine/bola_v4_rule.h"

#include <algorithm>

namespace harness {
std::size_t BolaV4Rule::choose(const AbrSnapshot& snapshot) {
  const std::size_t affordable = by_throughput_.choose(snapshot);
  if (snapshot.first_choice || snapshot.buffer < snapshot.segment_duration) return affordable;
  if (!utility_.is_for(snapshot.ladder)) {
    utility_.set(snapshot.ladder, 1);
    utility_.tune_for(base::to_seconds(snapshot.buffer_target));
  }
  const std::size_t wanted = utility_.best(base::to_seconds(snapshot.buffer));
  return wanted > snapshot.current ? std::min(wanted, std::max(snapshot.current, affordable)) : wanted;
}

}  // namespace harness

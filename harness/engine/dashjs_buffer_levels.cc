#include "harness/engine/dashjs_buffer_levels.h"

#include <algorithm>

namespace harness::dashjs {

double BufferLevels::without_latest(TrackKind kind, const PlayerView& view) const {
  const base::Duration exact = std::max<base::Duration>(looks_[index_of(kind)].end - view.playhead(), base::Duration{});
  return base::to_seconds(exact + age(kind, view));
}

// Media played since the last look.
base::Duration BufferLevels::age(TrackKind kind, const PlayerView& view) const {
  if (view.state() != PlayerState::kPlaying) return {};
  const base::Instant tick = view.now() - (view.now() - played_from_) % kTimeUpdate;
  const base::Duration passed = view.now() - std::max({tick, looks_[index_of(kind)].at});
  return base::Duration{static_cast<std::int64_t>(static_cast<double>(passed.count()) * view.rate())};
}

}  // namespace harness::dashjs

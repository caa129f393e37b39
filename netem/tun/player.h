// Player: a player's link as the router keeps it, a Lane in each direction. Pure; one thread.
#pragma once

#include "base/random.h"
#include "netem/model/backend.h"

namespace netem {

// One direction: the model, and what became of packets outside of it.
class Lane {
 public:
  Lane(const ImpairmentSpec& spec, base::Instant origin, base::Random random) : model_{spec, origin, random} {}

  // From now on; the counters go on.
  void replace(const ImpairmentSpec& spec, base::Instant origin, base::Random random);

  // `now` may lie before an earlier one by the jitter of what feeds this lane; it then counts as the latest.
  Fate judge(base::Instant now, base::ByteCount size);
  // Offered, and dropped by a queue before the model.
  void drop_before(std::uint64_t packets, base::ByteCount bytes);
  // Delivered by the model, and dropped by a queue behind it.
  void drop_behind(std::uint64_t packets, base::ByteCount bytes);
  LinkCounters counters() const;

 private:
  LinkModel model_;
  base::Instant latest_ = base::Instant::min();
  LinkCounters past_;  // of models replaced
  std::uint64_t dropped_before_ = 0, dropped_behind_ = 0;
  base::ByteCount bytes_before_, bytes_behind_;
};

// A bottleneck's two lanes, or a player's.
struct Lanes {
  Lanes(const LinkSpec& link, base::Instant origin, std::uint64_t seed);
  void replace(const LinkSpec& link, base::Instant origin, std::uint64_t seed);
  Lane down;
  Lane up;
};

struct Player {
  explicit Player(const PlayerLink& link) : lanes{link.link, link.origin, link.seed} {}
  Lanes lanes;
  Lanes* bottleneck = nullptr;  // not owned
  bool plugged = true;
};

}  // namespace netem

#include "netem/tun/player.h"

#include <algorithm>

namespace netem {

void Lane::replace(const ImpairmentSpec& spec, base::Instant origin, base::Random random) {
  past_ += model_.counters();
  model_ = LinkModel{spec, origin, random};
}

Fate Lane::judge(base::Instant now, base::ByteCount size) {
  latest_ = std::max(latest_, now);
  return model_.judge(latest_, size);
}

void Lane::drop_before(std::uint64_t packets, base::ByteCount bytes) {
  dropped_before_ += packets;
  bytes_before_ += bytes;
}

void Lane::drop_behind(std::uint64_t packets, base::ByteCount bytes) {
  dropped_behind_ += packets;
  bytes_behind_ += bytes;
}

LinkCounters Lane::counters() const {
  LinkCounters out = past_;
  out += model_.counters();
  out.offered += dropped_before_;
  out.bytes_offered += bytes_before_;
  out.overflowed += dropped_before_ + dropped_behind_;
  out.delivered -= dropped_behind_;
  out.bytes_delivered -= bytes_behind_;
  return out;
}

Lanes::Lanes(const LinkSpec& link, base::Instant origin, std::uint64_t seed)
    : down{link.down, origin, base::Random::stream(seed, "down")}, up{link.up, origin, base::Random::stream(seed, "up")} {}

void Lanes::replace(const LinkSpec& link, base::Instant origin, std::uint64_t seed) {
  down.replace(link.down, origin, base::Random::stream(seed, "down"));
  up.replace(link.up, origin, base::Random::stream(seed, "up"));
}

}  // namespace netem

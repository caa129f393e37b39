// Shaper: what one direction of a player's link asks of its netem qdisc and of its HTB class, at any instant. Pure.
//
// A constant rate is netem's, which is exact to the nanosecond. A rate that changes is the class's: netem fixes a packet's departure
// when the packet comes, so what is queued would leave at the rate of that time, up to seconds too early or too late. The class also
// has the rate where packets may overtake (jitter without order, reordering), since netem keeps the order wherever it has a rate.
//
// netem counts its queue in packets, and counts those under way with those that wait. The limit is the queue in packets of 1500 bytes
// and the most packets that the rate puts under way: of 1500 bytes towards the player, of 100 towards the server, whither mostly
// acknowledgements go. So a queue of small packets overflows before its bytes are full (30 datagrams of 100 bytes fill a queue of
// 45,000), and an upload of large ones finds a longer queue than was asked for.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "netem/kernel/netem_message.h"
#include "netem/model/rate_schedule.h"

namespace netem {

enum class Way { kDown, kUp };

struct Shaping {
  NetemSettings netem{};
  std::optional<base::Bitrate> class_rate{};  // nothing: no limit
  friend bool operator==(const Shaping&, const Shaping&) = default;
};

class Shaper {
 public:
  // `bottleneck`: its queue is that of each of its players, since what waits for it waits in the players' leaves; may be null.
  // Requires: faults_of(spec) is empty.
  Shaper(const ImpairmentSpec& spec, Way way, base::Instant origin, const ImpairmentSpec* bottleneck);

  Shaping at(base::Instant now) const;
  // The next instant after `now` at which it is another.
  std::optional<base::Instant> next_change(base::Instant now) const { return schedule_.next_change(now); }
  const ImpairmentSpec& spec() const { return spec_; }
  // False: no packet is ever dropped but by the loss model.
  bool may_overflow() const { return may_overflow_; }

 private:
  ImpairmentSpec spec_;
  RateSchedule schedule_;
  bool may_overflow_;
  std::uint32_t limit_;
};

// During an outage packets are held in netem: a class with next to no rate would sleep on beyond its end. The class is then set to the
// mean rate, which is as good as any.
bool is_outage(const RateSchedule& schedule, base::Instant now);
std::optional<base::Bitrate> class_rate(const RateSchedule& schedule, const ImpairmentSpec& spec, base::Instant now);

}  // namespace netem

// LinkModel: one direction of one link. Decides what becomes of each packet: lost, dropped by a full queue, or due at an instant,
// perhaps twice. Clock-free and seeded: the same packets at the same instants meet the same fate. Order of events, as in tc-netem:
// loss, duplication, queue and rate, delay with jitter. Used by the user-space router and by the virtual world.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/random.h"
#include "netem/model/impairment.h"

namespace netem {

enum class PacketId : std::uint64_t {};

struct Fate {
  enum class Kind { kDelivered, kLost, kQueueFull };
  Kind kind = Kind::kDelivered;
  base::Instant due{};                      // kDelivered
  std::optional<base::Instant> again_at{};  // a duplicate is due then
};

struct LinkCounters {
  std::uint64_t offered = 0;     // packets
  std::uint64_t lost = 0;        // by the loss model
  std::uint64_t overflowed = 0;  // by the full queue
  std::uint64_t duplicated = 0;
  std::uint64_t delivered = 0;  // duplicates included
  base::ByteCount bytes_offered{}, bytes_delivered{};
  LinkCounters& operator+=(const LinkCounters& other);
  friend bool operator==(const LinkCounters&, const LinkCounters&) = default;
};

class LinkModel {
 public:
  // `origin`: time zero of the spec's trace. Requires: faults_of(spec) is empty.
  LinkModel(const ImpairmentSpec& spec, base::Instant origin, base::Random random);
  ~LinkModel();
  LinkModel(LinkModel&&) noexcept;
  LinkModel& operator=(LinkModel&&) noexcept;

  // For owners who keep packets themselves. `size`: of the IP packet. `now` never goes back, here and below.
  Fate judge(base::Instant now, base::ByteCount size);

  // The same, and the packet waits inside until it is due.
  Fate accept(base::Instant now, PacketId id, base::ByteCount size);
  // Those due at or before `now`, in order of their instants; duplicates appear twice.
  std::vector<PacketId> due(base::Instant now);
  std::optional<base::Instant> next_due() const;

  // What the queue's limit is held against: bytes of packets whose last bit has not gone at `now`; those of a queue in time without what
  // has gone of the first.
  base::ByteCount backlog(base::Instant now);
  const LinkCounters& counters() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace netem

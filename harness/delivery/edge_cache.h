// EdgeCache: what one caching server holds, and what a request for an object finds there: RFC 9111 freshness, RFC 5861's
// stale-while-revalidate and stale-if-error, requests that wait for a fetch under way, and eviction of what was used longest ago.
// Whoever asks reports what it fetched, with the time it takes to arrive; nothing is scheduled: an arrival is taken in by the next
// request that comes after it. Pure; instants must not fall.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/time.h"
#include "base/units.h"
#include "harness/delivery/object_ids.h"
#include "harness/transport/model_transport.h"

namespace harness {

using SharedReply = std::shared_ptr<const ModelReply>;
// Of its body.
base::ByteCount size_of(const ModelReply& reply);

class EdgeCache {
 public:
  struct Rules {
    base::ByteCount capacity;
    bool coalesce = true;
    base::Duration stale_while_revalidate{}, stale_if_error{};
  };
  explicit EdgeCache(const Rules& rules) : rules_{rules} {}

  enum class Found : std::uint8_t {
    kFresh,       // `reply` holds
    kStale,       // `reply` may be used, and is being fetched anew already
    kRevalidate,  // `reply` may be used, and must be fetched anew beside it
    kUnderWay,    // `reply` arrives after `wait`
    kExpired,     // must be fetched anew, and `reply` may tell the origin what is here
    kNothing      // must be fetched
  };
  struct Finding {
    Found found = Found::kNothing;
    SharedReply reply{};
    base::Duration wait{};
    base::Duration age{};  // since the origin gave it
  };
  Finding look(base::Instant now, ObjectId id);

  struct Fetched {
    SharedReply reply;
    base::Instant arrives;
    base::Duration fresh_for{};  // from then
    base::Duration age{};        // by then
    bool storable = true;        // else it serves only those who wait for it
  };
  // Never call it for what no one else may be given.
  void fetched(base::Instant now, ObjectId id, Fetched what);
  // An expired object that may still serve, as the origin has none to give.
  bool may_serve_on_error(base::Instant now, ObjectId id) const;

  base::ByteCount held() const { return held_; }
  std::uint64_t evictions() const { return evictions_; }

 private:
  static constexpr std::uint32_t kNone = 0xFFFF'FFFF;
  struct Entry {
    SharedReply here{};
    base::Instant fresh_until{}, born{};  // born: when the origin gave it
    Fetched coming{};                     // its reply is null when nothing is under way
    base::ByteCount size{};               // what is accounted
    ObjectId id{};
    std::uint32_t newer = kNone, older = kNone;
  };
  std::uint32_t find(ObjectId id) const { return index_of(id) < slot_of_.size() ? slot_of_[index_of(id)] : kNone; }
  std::uint32_t insert(ObjectId id);
  void erase(std::uint32_t slot);
  void unlink(std::uint32_t slot);
  void link_newest(std::uint32_t slot);
  void touch(std::uint32_t slot);
  void take_in(Entry& entry);  // what was coming is here
  void account(Entry& entry);
  void make_room(std::uint32_t kept);

  Rules rules_;
  std::vector<std::uint32_t> slot_of_;  // by object: index in entries_, or kNone
  std::vector<Entry> entries_;
  std::vector<std::uint32_t> free_;
  std::uint32_t newest_ = kNone, oldest_ = kNone;
  base::ByteCount held_{};
  std::uint64_t evictions_ = 0;
};

}  // namespace harness

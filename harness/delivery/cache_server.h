// CacheServer: an edge or a shield: a cache, its limits, and whom it asks for what it has not. What it fetches it passes on once it has
// all of it. It takes tokens as the origin does, by the same keys, and asks for objects on its own account. Pure.
#pragma once

#include "harness/delivery/edge_cache.h"
#include "harness/delivery/server_limits.h"
#include "harness/delivery/upstream.h"
#include "harness/scenario/virtual_world.h"

namespace harness {

// Objects that never change and whose answers say nothing about it.
inline constexpr base::Duration kUnsaidFreshness = std::chrono::hours{24};
// How long an answer stays fresh in the caches of `plan`; nothing: it must not be kept at all (no-store).
std::optional<base::Duration> fresh_in_cache(const CachePlan& plan, ObjectKind kind, const CacheFields& fields,
                                             base::Duration segment_duration);

// Of each of those.
ServerLimits::Spec limits_of(const CachePlan& plan);

class CacheServer final : public Upstream {
 public:
  struct Options {
    base::Duration segment_duration{};
  };
  CacheServer(const CachePlan& plan, Upstream& upstream, const ObjectIds& objects, Options options);

  Delivery fetch(base::Instant now, const Ask& ask) override;
  // A refusal that needs no look into the cache (a token that is not good).
  Delivery refuse(base::Instant now, const Ask& ask, int status);
  bool connect(base::Instant now) { return limits_.connect(now); }
  void disconnect() { limits_.disconnect(); }

  void begin(base::Instant now) { limits_.begin(now); }
  reports::DeliveryRow row() const;
  const ServerMeter& meter() { return limits_.meter(); }

 private:
  struct Served {
    SharedReply reply;
    base::Duration after{}, age{};
  };
  Served serve(base::Instant now, const Ask& ask);
  Served fetch_anew(base::Instant now, const Ask& ask, const SharedReply& old);
  CachePlan plan_;
  Upstream& upstream_;
  const ObjectIds& objects_;
  Options options_;
  EdgeCache cache_;
  ServerLimits limits_;
};

}  // namespace harness

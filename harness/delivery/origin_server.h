// OriginServer: the content's own server with its think times and limits: by a model file and by what the scenario says of it. A live
// origin that encodes more renditions than it can in real time falls behind from a moment on: with N renditions and room for C, the slot
// that ends T after it is there at T x N/C, so each slot comes later than the one before by its duration x (N/C - 1). Pure.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "harness/delivery/server_limits.h"
#include "harness/delivery/think_draw.h"
#include "harness/delivery/upstream.h"
#include "harness/scenario/virtual_world.h"

namespace harness {

// What the scenario says, and where it is silent, its model.
ServerLimits::Spec limits_of_origin(const VirtualWorld& world);

class OriginServer final : public Upstream {
 public:
  struct Options {
    bool live = true;
    std::size_t renditions = 1;  // that the origin encodes: channels times rungs
    base::WallAnchor wall;       // the stream's media time 0 is at `wall.at`
    base::Duration made{};       // of the stream, whatever its encoders can do; from then on they may fall behind
    std::uint64_t seed = 1;
    // Whether a token that is shown is good: 200, 401, 403.
    std::function<int(base::Instant, const TransportRequest&)> access;
  };
  // Think times of `content` are replaced by the model's.
  OriginServer(ModelServer& content, const VirtualWorld& world, ObjectIds& objects, Options options);

  Delivery fetch(base::Instant now, const Ask& ask) override;
  bool connect(base::Instant now) { return limits_.connect(now); }
  void disconnect() { limits_.disconnect(); }

  void begin(base::Instant now);
  reports::DeliveryRow row() const;
  const ServerMeter& meter() { return limits_.meter(); }
  // What its encoders have done by then; `now` where they keep up.
  base::Instant encoded_until(base::Instant now) const;
  // When they have done what they would have done by then.
  base::Instant encoded_at(base::Instant wanted) const;

 private:
  ModelReply answer(base::Instant now, const Ask& ask, ObjectKind kind);
  // Of real time, of what they do; 1 where they keep up.
  double encoding_pace() const;
  base::Instant falls_behind_from() const { return options_.wall.at + options_.made; }
  ModelServer& content_;
  ObjectIds& objects_;
  Options options_;
  ServerLimits limits_;
  ThinkDraw think_;
  std::optional<std::int64_t> capacity_;  // renditions
};

}  // namespace harness

// Upstream: whoever an edge can ask: a shield or the origin. Answers say at once what will come and when, so that nothing has to be
// scheduled: all is judged at the instant of the request at the first server, and the ways between servers add to the times.
#pragma once

#include "harness/delivery/edge_cache.h"

namespace harness {

struct Ask {
  ObjectId object{};
  const TransportRequest& request;
  bool connects = false;  // the first of a new connection
};

struct Delivery {
  SharedReply reply;
  base::Duration ready{};  // until the answer's first byte leaves
  base::Duration sent{};   // from there until its last byte has left, where nobody's link is slower than the server
  base::Duration age{};    // since the origin gave it
};

class Upstream {
 public:
  virtual Delivery fetch(base::Instant now, const Ask& ask) = 0;

 protected:
  ~Upstream() = default;
};

// A server that is too busy says so, and when to come back.
inline constexpr base::Duration kComeBackAfter = std::chrono::seconds{1};
inline SharedReply too_busy() {
  static const SharedReply kReply = std::make_shared<const ModelReply>(ModelReply{.status = 503, .retry_after = kComeBackAfter});
  return kReply;
}
// The answer to a request that names what the asker has (RFC 9110, 13.1.2); null: it has something else.
SharedReply not_modified(const TransportRequest& request, const ModelReply& reply);

}  // namespace harness

// RefusedPublishers: who was not let in of late, whatever the stream, and in the registry how many of each kind. Thread-safe.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/registry.h>

#include <deque>
#include <mutex>
#include <vector>

#include "server/ingest/publish_points.h"
#include "server/package/streams.h"

namespace server {

class RefusedPublishers {
 public:
  // Requires: `registry` outlives it.
  explicit RefusedPublishers(prometheus::Registry& registry);

  void add(const PublishPoints::Refused& refused);
  // The latest, oldest first.
  std::vector<RefusedPublisher> list() const;

 private:
  prometheus::Family<prometheus::Counter>& counters_;
  mutable std::mutex mutex_;
  std::deque<RefusedPublisher> latest_;
};

}  // namespace server

// FanOut: the further destinations of one live stream. Packets are offered by the threads that made them and by nobody waited for.
// Thread-safe.
#pragma once

#include <prometheus/registry.h>

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "server/forwarding/forwarder.h"
#include "server/library/forward_metrics.h"

namespace server {

class FanOut {
 public:
  struct Options {
    std::string stream;
    bool has_backup = false;
    std::vector<ForwardSpec> destinations{};  // checked
    std::function<void()> on_change{};        // see Forwarder::Options
  };
  // Requires: `registry` outlives the fan-out.
  FanOut(Options options, prometheus::Registry& registry);
  ~FanOut();
  void ask_to_stop();

  void offer(ForwardWhat what, const MediaPacket& packet);

  base::Result<void> add(ForwardSpec spec);
  // Out of the list, its metrics too; it stops when the caller lets go of it. Null: there is none of this name.
  std::unique_ptr<Forwarder> take(const std::string& destination);
  base::Result<void> run(const std::string& destination, bool run);
  std::vector<ForwardStatus> status() const;
  // To be called now and then.
  void measure();

 private:
  struct Entry {
    std::unique_ptr<Forwarder> forwarder;
    std::unique_ptr<ForwardMetrics> metrics;
  };
  void put(ForwardSpec spec);

  const Options options_;
  prometheus::Registry& registry_;
  mutable std::mutex mutex_;
  std::vector<Entry> entries_;
};

}  // namespace server

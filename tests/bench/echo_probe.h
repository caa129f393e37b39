// EchoProbe: round trips of small datagrams between two namespaces, up to 200 a second, for what links add to the delay asked for:
// besides the router's lateness that is the kernel's work before and behind it, and the wake-ups of two threads.
#pragma once

#include <netinet/in.h>

#include <atomic>
#include <mutex>
#include <thread>

#include "base/histogram.h"
#include "base/time.h"
#include "netem/topology/descriptor.h"
#include "netem/topology/network_namespace.h"

namespace bench {

class EchoProbe {
 public:
  // `expected`: the round trip asked for.
  EchoProbe(netem::NetworkNamespace& players, std::uint32_t player, netem::NetworkNamespace& servers, std::uint32_t server,
            base::Duration expected);
  ~EchoProbe();
  EchoProbe(const EchoProbe&) = delete;
  EchoProbe& operator=(const EchoProbe&) = delete;

  void measure_from();
  base::Histogram added() const;  // seconds of each round trip beyond what was expected

 private:
  void answer();
  void ask();
  netem::Descriptor asking_, answering_;
  mutable std::mutex mutex_;
  base::Duration expected_;
  base::Histogram added_;
  std::atomic<bool> leaving_{false};
  std::thread asker_, answerer_;
};

}  // namespace bench

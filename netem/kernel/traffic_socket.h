// TrafficSocket: sends traffic control requests to the kernel and hears its answers, in one namespace. A socket on which a request
// has failed is replaced: libnl takes what is left of the answer for that to the next request ("message sequence number mismatch").
#pragma once

#include <memory>
#include <string>

#include "netem/kernel/queue_counters.h"
#include "netem/kernel/traffic_message.h"
#include "netem/topology/network_namespace.h"
#include "netem/topology/route_socket.h"

namespace netem {

class TrafficSocket {
 public:
  // `space` outlives this object.
  explicit TrafficSocket(NetworkNamespace& space);
  ~TrafficSocket();

  // Waits for the kernel's consent; throws base::RunFailed "attempt in namespace NAME: the kernel's words".
  void send(const TrafficMessage& message, const std::string& attempt);
  // Of the qdisc whose parent or handle `place` gives.
  QueueStatistics statistics(const TrafficPlace& place, const std::string& attempt);
  NetworkNamespace& space() { return space_; }
  RouteSocket& route() { return *socket_; }

 private:
  struct Answer;
  void exchange(const TrafficMessage& message, const std::string& attempt, Answer& answer);
  void reopen();

  NetworkNamespace& space_;
  std::unique_ptr<RouteSocket> socket_;
};

}  // namespace netem

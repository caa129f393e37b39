// SynWatch: sees the first packet of each TCP connection that a namespace opens towards one address. The time is the kernel's own,
// of the moment the packet left, whenever it is read.
#pragma once

#include <optional>

#include "base/time.h"
#include "netem/model/backend.h"
#include "netem/topology/descriptor.h"
#include "netem/topology/network_namespace.h"

namespace fidelity {

class SynWatch {
 public:
  // Throws base::RunFailed or std::system_error.
  SynWatch(netem::NetworkNamespace& space, netem::Ipv4 towards);
  int descriptor() const { return socket_.get(); }  // readable once there is one
  // The oldest that was not asked for yet. Never waits.
  std::optional<base::Instant> next();

 private:
  netem::Descriptor socket_;
};

}  // namespace fidelity

// Outlet: one outgoing connection of a feed, with the packing of its protocol; one implementation for each. Nothing here blocks: the
// connection is being made when the object exists, and its state is asked for. Destroying it says goodbye and closes. Belongs to one
// thread.
#pragma once

#include <memory>
#include <string>

#include "base/time.h"
#include "generators/feed/clip.h"
#include "generators/feed/endpoint.h"

namespace generators {

class Outlet {
 public:
  enum class State { kConnecting, kConnected, kLost };
  virtual ~Outlet() = default;
  // To be asked often: the connection goes on here.
  virtual State state() = 0;
  // Why it is lost: refused, not answered, or broken off.
  virtual std::string reason() const = 0;
  // From the next unit on, timestamps on the wire are the units' and this; they may go back. Requires: none falls below zero.
  virtual void shift(base::Duration shift) = 0;
  // Key frames carry their parameter sets. False when not all of it could be queued: the peer does not keep up, or the connection is
  // lost. Requires: connected. Throws base::RunFailed.
  virtual bool send(const Unit& unit) = 0;
  // The socket is gone, and no goodbye is said.
  virtual void vanish() = 0;
};

// The protocol is the destination's; `clip` describes the tracks.
std::unique_ptr<Outlet> make_outlet(const Destination& destination, const Endpoint& endpoint, const Clip& clip);

}  // namespace generators

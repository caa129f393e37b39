// Interrupt: what ends a wait for a peer: an order to stop, or a deadline. Thread-safe.
#pragma once

#include <atomic>

#include "base/steady_timeline.h"

namespace server {

class Interrupt {
 public:
  void set_deadline(base::Duration from_now) { deadline_ = base::steady_now() + from_now; }
  void stop() { stopped_ = true; }
  void resume() { stopped_ = false; }
  bool is_stopped() const { return stopped_; }
  bool is_late() const { return base::steady_now() > deadline_.load(); }
  // A farewell: an order to stop does not break it off, only its own deadline.
  void begin_farewell(base::Duration most) {
    farewell_ = true;
    set_deadline(most);
  }
  void end_farewell() { farewell_ = false; }
  bool ends_wait() const { return (stopped_ && !farewell_) || is_late(); }

 private:
  std::atomic<bool> stopped_ = false, farewell_ = false;
  std::atomic<base::Instant> deadline_{base::Instant::max()};
};

}  // namespace server

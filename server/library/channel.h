// Channel: one stream at work, live or on demand; and the bell that tells when anything about any stream changed.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>

#include "server/forwarding/forwarder.h"
#include "server/package/streams.h"

namespace server {

class Channel {
 public:
  // Stops its threads; call ask_to_stop() first where several channels go, so that they stop side by side.
  virtual ~Channel() = default;
  virtual void ask_to_stop() = 0;
  virtual StreamStatus status() const = 0;
  virtual base::Result<void> put_on_air(Feed source, bool pinned) = 0;
  virtual base::Result<void> unpin() = 0;
  virtual base::Result<void> add_forward(ForwardSpec spec) = 0;
  // It stops when the caller lets go of it, which takes a moment. Null: there is none of this name.
  virtual std::unique_ptr<Forwarder> take_forward(const std::string& destination) = 0;
  virtual base::Result<void> run_forward(const std::string& destination, bool run) = 0;
};

class ChangeBell {
 public:
  void ring() {
    { const std::lock_guard lock{mutex_}; }
    changed_.notify_all();
  }
  // False: `timeout` went by first. `holds` must not ring.
  bool wait_until(const std::function<bool()>& holds, base::Duration timeout) {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, timeout, holds);
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
};

}  // namespace server

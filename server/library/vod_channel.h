// VodChannel: a file packaged once, as fast as its thread can, then ready for ever. Its thread is a nice one: live streams go first.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <thread>

#include "server/library/channel.h"
#include "server/library/packager.h"

namespace server {

class VodChannel final : public Channel {
 public:
  // Starts at once. Requires: the references outlive the channel; no other channel of this name is open.
  VodChannel(StreamSpec spec, prometheus::Registry& registry, ChangeBell& bell);
  ~VodChannel() override;
  void ask_to_stop() override { stopping_ = true; }
  StreamStatus status() const override;
  base::Result<void> put_on_air(Feed, bool) override { return has_no_sources(); }
  base::Result<void> unpin() override { return has_no_sources(); }
  base::Result<void> add_forward(ForwardSpec) override { return is_not_forwarded(); }
  std::unique_ptr<Forwarder> take_forward(const std::string&) override { return nullptr; }
  base::Result<void> run_forward(const std::string&, bool) override { return is_not_forwarded(); }

 private:
  base::Result<void> has_no_sources() const {
    return base::error("'" + spec_.name + "' is video on demand: it has no sources to choose from");
  }
  base::Result<void> is_not_forwarded() const {
    return base::error("'" + spec_.name + "' is video on demand: only live streams are forwarded");
  }
  void run();
  void package_file();
  void show_progress(const Packager& packager, base::Duration whole);
  void show(StreamState state, const std::string& reason);

  const StreamSpec spec_;
  ChangeBell& bell_;
  StreamMetrics metrics_;
  std::atomic<bool> stopping_ = false;
  mutable std::mutex mutex_;
  StreamStatus status_;
  std::shared_ptr<const Presentation> presentation_;
  std::thread thread_;
};

}  // namespace server

// Forwarder: sends a live stream's packets to one destination, for ever: waits for something to send, connects, sends, tries again. It has
// a thread and a queue of its own, so that whatever the destination does holds nobody else. Thread-safe.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

#include "base/resolver.h"
#include "server/forwarding/interrupt.h"
#include "server/forwarding/packet_queue.h"
#include "server/package/forward.h"

namespace server {

class ContinuousClock;

class Forwarder {
 public:
  // `on_change`: called on the forwarder's thread when its state has become another.
  struct Options {
    PacketLimits limits;
    std::function<void()> on_change;
    base::Resolver::LookUp look_up = base::look_up_host;
  };
  // Starts at once when the specification says so. Requires: its URL can be parsed.
  Forwarder(ForwardSpec spec, Options options);
  // Waits for its thread: less than a second, whatever the destination does.
  ~Forwarder();
  Forwarder(const Forwarder&) = delete;
  Forwarder& operator=(const Forwarder&) = delete;
  // Before the destructor, where several go, so that they stop side by side.
  void ask_to_stop();

  void start();
  // Returns at once; hangs up soon after.
  void stop();
  // Never waits.
  void offer(const MediaPacket& packet);

  const ForwardSpec& spec() const { return spec_; }
  ForwardStatus status() const;

 private:
  struct Beginning;
  struct Connection;
  void run();
  void serve();
  // Nothing: it is to stop.
  std::optional<Beginning> await_beginning();
  // One connection. The error is why it failed; none: it ended for a reason of ours, and the next may follow at once.
  base::Result<void> connect_and_send(const Beginning& beginning, ContinuousClock& clock);
  base::Result<void> send_all(Connection& connection);
  // Nothing: it is to stop, or nothing has come for long.
  std::optional<MediaPacket> next_packet();
  void show(ForwardState state, std::string reason = {});
  void put_back(MediaPacket packet);
  void count(std::uint64_t packets, std::uint64_t bytes);

  const ForwardSpec spec_;
  const ForwardUrl url_;
  const std::string shown_;  // the destination without its key
  const std::function<void()> on_change_;
  base::Resolver resolver_;  // its thread's
  Interrupt interrupt_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool wanted_, quitting_ = false;
  PacketQueue queue_;
  ForwardStatus status_;
  std::thread thread_;  // last
};

}  // namespace server

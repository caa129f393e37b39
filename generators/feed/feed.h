// Feed: a contribution encoder's stand-in. Sends a file in real time, looping with continuous timestamps, to one destination or to several
// in lock-step (primary and backup), by SRT or RTMP as the destination says, and puts the wall clock into every video frame (an H.264
// user-data SEI, format below). The outputs of one feed send the same pictures at the same instants with the same wall clock; each has a
// thread and a connection of its own and is stopped, killed, stalled, restarted and degraded by itself (command.h). A lost connection is
// retried every 500 ms while it should be running. Thread-safe.
// Timecode SEI: payload type 5 (user_data_unregistered), UUID kTimecodeUuid, then 8 bytes big-endian: microseconds since 1970 UTC
// at which the frame was due to be sent.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "generators/feed/command.h"
#include "generators/feed/destination.h"

namespace generators {

inline constexpr std::array<std::uint8_t, 16> kTimecodeUuid{0x7a, 0x1d, 0x4c, 0x0e, 0x52, 0x65, 0x68, 0x65,
                                                            0x61, 0x72, 0x73, 0x61, 0x6c, 0x54, 0x43, 0x01};

class Feed {
 public:
  struct Options {
    std::string file;
    std::vector<Destination> to;        // one output for each, in this order: primary, backup
    std::function<void()> on_thread{};  // called first thing on each output's thread, which may move to another network there
  };
  struct Stats {
    bool connected = false;
    std::uint64_t frames_sent = 0;
    std::uint64_t connects = 0;  // successful ones
    std::string last_error;      // "" while all is well
  };
  // Opens the file; throws base::RunFailed naming it when it cannot be read or has no H.264 and AAC tracks, and when a destination cannot
  // be one.
  explicit Feed(Options options);
  ~Feed();

  std::size_t outputs() const;
  // To one output, or to all at the same picture. What is about pictures, sound or timestamps is effective with the next one that is due,
  // also when the output is not running; stop and kill have happened when this returns. Requires: output < outputs(), check(command).
  void apply(const FeedCommand& command, std::optional<std::size_t> output = std::nullopt);
  void start() { apply(FeedStart{}); }  // (again); continues where the wall clock is, as a camera would
  void stop() { apply(FeedStop{}); }    // the connections are closed at once
  Stats stats(std::size_t output = 0) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace generators

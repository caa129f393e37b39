// Feed: a contribution encoder's stand-in. Sends a file in real time as MPEG-TS over SRT (caller), looping with continuous
// timestamps, and puts the wall clock into every video frame (an H.264 user-data SEI, format below). Owns one thread; the harness
// stops, restarts and degrades it. A lost connection is retried every 500 ms while it should be running.
// Timecode SEI: payload type 5 (user_data_unregistered), UUID kTimecodeUuid, then 8 bytes big-endian: microseconds since 1970 UTC
// at which the frame was due to be sent.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/time.h"

namespace generators {

inline constexpr std::array<std::uint8_t, 16> kTimecodeUuid{0x7a, 0x1d, 0x4c, 0x0e, 0x52, 0x65, 0x68, 0x65,
                                                            0x61, 0x72, 0x73, 0x61, 0x6c, 0x54, 0x43, 0x01};

class Feed {
 public:
  struct Options {
    std::string file;
    std::string host = "127.0.0.1";
    int port = 0;
    std::string streamid;    // "#!::r=main,m=publish"
    std::string passphrase;  // empty: not encrypted
    base::Duration latency = std::chrono::milliseconds{120};
    std::function<void()> on_thread{};  // called first thing on the feed's thread, which may move to another network there
  };
  struct Stats {
    bool connected = false;
    std::uint64_t frames_sent = 0;
    std::uint64_t connects = 0;  // successful ones
    std::string last_error;      // "" while all is well
  };
  // Opens the file; throws base::RunFailed naming it when it cannot be read or has no H.264 and AAC tracks.
  explicit Feed(Options options);
  ~Feed();

  void start();  // (again); continues where the wall clock is, as a camera would
  void stop();   // the connection is dropped at once
  // Share of the video packets (whole access units, key frames too) that are not sent, in [0, 1].
  void degrade(double packet_loss);
  Stats stats() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace generators

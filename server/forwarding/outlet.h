// Outlet: one connection to a destination: a muxer over its protocol, MPEG-TS over SRT or FLV over RTMP. One thread.
#pragma once

#include <memory>
#include <string>

#include "base/resolver.h"
#include "base/result.h"
#include "server/forwarding/continuous_clock.h"
#include "server/forwarding/interrupt.h"
#include "server/ingest/av_handles.h"
#include "server/package/forward.h"

namespace server {

class Outlet {
 public:
  struct Destination {
    const ForwardUrl& url;
    const std::string& passphrase;
    base::Resolver& resolver;  // of the URL's host
  };
  // Connects to the first of the host's addresses that takes it, and writes the header. `sound` may be null. The error is the rest of a
  // sentence about the destination. Requires: `interrupt` outlives the outlet.
  static base::Result<std::unique_ptr<Outlet>> open(const Destination& to, const AVCodecParameters& video, const AVCodecParameters* sound,
                                                    Interrupt& interrupt);
  // Says farewell, unless the connection is broken.
  ~Outlet();
  Outlet(const Outlet&) = delete;
  Outlet& operator=(const Outlet&) = delete;

  base::Result<void> write(PacketTrack track, AvPacketPtr packet, const ContinuousClock::Times& times, base::Duration lasts);
  std::uint64_t bytes() const;  // given to the protocol

 private:
  class Impl;
  explicit Outlet(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace server

// H2Connection: one HTTP/2 connection of a viewer without packets: while any answer crosses the viewer's FluidLink, one flow of it, whose
// bytes are shared out by H2Streams. Says of each answer what FluidLink says of a flow. What is asked, and when, is ModelViewer's. Pure.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/random.h"
#include "harness/transport/fluid_link.h"
#include "harness/transport/fluid_tcp.h"
#include "harness/transport/h2_streams.h"
#include "harness/transport/transport.h"

namespace harness {

// SETTINGS_MAX_CONCURRENT_STREAMS of nginx (http2_max_concurrent_streams).
constexpr std::size_t kH2Streams = 128;
// The HEADERS frame of an answer, in bytes, with HPACK's static table alone, as nginx has it (docs/tcp.md).
constexpr std::int64_t kH2AnswerHeaders = 157;
// Of the HEADERS frame of a request that is not the first, in bytes: what is neither path nor new; Chromium's priority fields.
constexpr std::int64_t kH2Indexed = 26 + 5;
constexpr std::int64_t kH2Reset = 13;  // RST_STREAM (RFC 9113, 6.4)

// Bytes of a request without its body, the first on a connection with what goes before it.
std::int64_t h2_request_size(const TransportRequest& request, std::size_t origin_size, bool is_first);

class H2Connection {
 public:
  H2Connection(std::uint32_t serial, const FluidTcp& tcp) : serial_{serial}, tcp_{tcp} {}
  std::uint32_t serial() const { return serial_; }
  // A request goes out. Returns: whether it is the first.
  bool ask() { return !std::exchange(has_asked_, true); }
  // It comes after those before it, and takes `upload` by itself.
  base::Instant arrival_of_request(base::Instant alone, base::Duration upload) {
    return last_request_ = std::max(alone, last_request_ + upload);
  }
  // After a pause; nothing while answers cross.
  void resume(base::Duration idle, base::Duration rto, int initial_window) {
    if (!flows_) tcp_.resume(idle, rto, initial_window);
  }

  struct Answer {
    std::uint32_t key = 0;  // new
    std::int64_t headers = 0, body = 0;
  };
  // Its first packet would be through the link at `first` if nothing were before it, `now` less what jitter may take off.
  // Returns: when it is; max() where it is behind others.
  base::Instant begin(FluidLink& link, base::Instant now, base::Instant first, base::Duration up_delay, const Answer& answer);
  // Asked after no more. What is still to come of it is not sent, once the server knows, which takes `way`.
  void end(FluidLink& link, base::Instant now, std::uint32_t key, base::Duration way);
  // The connection is closed. Requires: nothing is asked after.
  void close(FluidLink& link, base::Instant now) {
    if (flows_) link.remove(now, flow());
  }
  // Looks at what has crossed by now.
  void note(FluidLink& link, base::Instant now, base::Random& random);
  // When that is worth it next. Requires: FluidLink::next_completion() has noted the way to it.
  base::Instant next_event(FluidLink& link, base::Instant now) const;

  // As the questions of ModelViewer.
  base::Instant first_byte(FluidLink& link, base::Instant now, std::uint32_t key) const;
  base::ByteCount received(FluidLink& link, base::Instant now, std::uint32_t key) const;
  bool is_complete(base::Instant now, std::uint32_t key) const { return find(key).done_at <= now; }
  base::Instant earliest(FluidLink& link, base::Instant now, std::uint32_t key, base::ByteCount body) const;
  FluidLink::Approach approach(FluidLink& link, base::Instant now, base::Instant until, std::uint32_t key, base::ByteCount body) const;

 private:
  struct Stream {
    std::uint32_t key;
    bool opens = false;    // the flow began with it
    bool crossed = false;  // all of it; it may be late by jitter
    std::int64_t body;
    base::Instant first_at = base::Instant::max(), done_at = base::Instant::max();
  };
  std::uint32_t flow() const { return std::uint32_t{1} << 31 | serial_; }  // beside the keys of transfers
  const Stream& find(std::uint32_t key) const;
  base::Instant crossing(FluidLink& link, base::Instant now, std::int64_t place) const;
  std::int64_t first_place(std::uint32_t key) const;
  static base::Instant arrival(const FluidLink& link, base::Instant crossed, std::int64_t bytes, base::Random& random);

  std::uint32_t serial_;
  bool flows_ = false, has_asked_ = false;
  base::Instant last_request_{};  // arrived
  FluidTcp tcp_;                  // while nothing crosses, as the next
  FluidOrder order_{};
  FluidLink::Unacknowledged out_{};
  H2Streams places_{};
  std::vector<Stream> streams_{};  // of answers that have begun
};

}  // namespace harness

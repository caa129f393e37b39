// ServerLimits: how much one server has in it: requests a second and processor time for new connections as one queue of work, egress as
// another, and connections at once. Counts what passes. Pure; instants must not fall.
#pragma once

#include <cstdint>
#include <optional>

#include "harness/delivery/fluid_queue.h"
#include "harness/delivery/server_meter.h"

namespace harness {

// A limit counts as exceeded once this much work waits for it. A burst of a few requests in one instant waits less.
inline constexpr base::Duration kOverloaded = std::chrono::milliseconds{100};

class ServerLimits {
 public:
  struct Spec {
    std::optional<double> requests_per_s{};
    std::optional<base::Bitrate> egress{};
    std::optional<std::int64_t> connections{};
    base::Duration queue = std::chrono::seconds{1};  // a request that would wait longer is refused
    base::Duration connection_cpu{};                 // of each new connection
    double cores = 1;                                // over which that is spread
  };
  explicit ServerLimits(const Spec& spec);

  // A viewer's connection opens; false: there are as many as there may be, and it gets none.
  bool connect(base::Instant now);
  void disconnect() { --open_; }
  // How long a request waits before its answer is thought of; nothing: it is refused. `connects`: it is the first of its connection.
  // `weight`: so many come, and this is the first of them. Where new connections take more of what it is busy with than requests do, it
  // is processor time that it has too little of.
  std::optional<base::Duration> admit(base::Instant now, bool connects, std::uint32_t weight = 1);
  struct Sending {
    base::Duration wait;   // behind what is being sent
    base::Duration takes;  // from the first byte to the last, where nothing else slows it
  };
  Sending send(base::Instant now, base::ByteCount bytes, std::uint32_t weight = 1);

  ServerMeter& meter() { return meter_; }
  // A limit that is not among these.
  void exceeded(base::Instant now, ServerLimit limit) { meter_.exceeded(now, limit, open_); }
  void begin(base::Instant now);
  // Everything but name and place.
  reports::DeliveryRow row() const;

 private:
  Spec spec_;
  double request_nanoseconds_ = 0, connection_nanoseconds_ = 0;  // of the whole server
  FluidQueue work_;                                              // of such nanoseconds
  struct Busy {
    double requests = 0, connections = 0;
  };
  Busy busy_;          // with which of them, since it last had nothing to do
  FluidQueue egress_;  // of bytes
  std::int64_t open_ = 0;
  ServerMeter meter_;
};

}  // namespace harness

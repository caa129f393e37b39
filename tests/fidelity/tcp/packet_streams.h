// PacketStreams: answers over one HTTP/2 connection, TCP packet by packet: what ModelTransport's fluid is held against. The server writes
// what H2Streams says, and no more ahead than TCP has sent. Virtual time only.
#pragma once

#include <cstdint>
#include <vector>

#include "base/time.h"
#include "harness/transport/h2_streams.h"
#include "harness/transport/tcp_lab.h"

namespace fidelity {

class PacketStreams {
 public:
  PacketStreams(const netem::LinkSpec& link, std::uint64_t seed, harness::CongestionControl control) : lab_{link, seed, control} {}
  // A request for so many bytes.
  void ask(std::int64_t body);
  void run_for(base::Duration time);
  // Requires: they come within a simulated hour.
  void run_until_all_is_there();
  // From request to last byte, of those that have come, in the order of asking.
  std::vector<double> seconds() const;

 private:
  struct Answer {
    std::int64_t body;
    std::uint64_t heard_at;  // bytes of requests that the server has by then
    base::Instant asked{}, done{};
    bool is_ready = false, is_there = false;
  };
  void look();
  harness::TcpLab lab_;
  harness::H2Streams places_;
  std::vector<Answer> answers_{};  // their numbers are the keys
  std::uint64_t asked_ = 0;        // bytes
};

}  // namespace fidelity

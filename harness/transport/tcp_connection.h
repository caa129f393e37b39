// TcpConnection: both ends of one HTTP/1.1 connection of a viewer and what is asked and answered over it, one request at a time.
// Pure state; PacketTransport moves it.
#pragma once

#include <optional>
#include <string>

#include "harness/transport/model_transport.h"
#include "harness/transport/tcp_endpoint.h"

namespace harness {

struct TcpConnection {
  struct Options {
    int initial_window = 10;
    CongestionControl control = CongestionControl::kCubic;  // of the server's side
    std::uint64_t seed = 1;
  };
  TcpConnection(std::uint32_t number, std::string to, const Options& options)
      : serial{number},
        origin{std::move(to)},
        client{options.initial_window},
        server{options.initial_window, options.control, options.seed} {}

  std::uint32_t serial;
  std::string origin;  // "http://host:80"
  TcpEndpoint client, server;
  bool client_closed = false;
  bool server_gone = false;  // what still comes is answered by a reset
  int flying = 0;            // packets, both ways
  base::Instant idle_since{};

  // The client's: whom the answer is for.
  std::optional<std::uint64_t> exchange{};
  std::uint64_t answer_begin = 0;

  // The server's.
  TransportRequest request{};
  std::uint64_t requested = 0;  // bytes of all requests so far
  std::uint64_t answered = 0;   // bytes of all answers so far
  bool awaits_request = false;
  base::Instant answers_at = kTcpNever;
  ModelReply reply{};

  bool is_idle() const { return client.is_established() && !exchange && !client_closed; }
  bool is_connecting() const { return !client.is_established() && !client_closed; }
  // Nobody will hear of it again.
  bool is_over() const {
    const bool silent = server_gone || (answers_at == kTcpNever && !server.sender().has_unacknowledged());
    return client_closed && silent && flying == 0;
  }
  base::Instant wakes_at() const {
    const base::Instant client_wakes = client_closed ? kTcpNever : client.wakes_at();
    return std::min(client_wakes, server_gone ? kTcpNever : std::min(server.wakes_at(), answers_at));
  }
};

}  // namespace harness

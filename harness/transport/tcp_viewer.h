// TcpViewer: one viewer's link, its connections as a browser keeps them, and the requests that wait for one or run on one. What the
// server answers and what receivers are told is PacketTransport's.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/transport/tcp_connection.h"
#include "harness/transport/tcp_path.h"

namespace harness {

struct TcpExchange {
  std::uint64_t key = 0;
  TransportRequest request{};
  std::string origin{};
  TransferReceiver* receiver = nullptr;
  base::Instant started{}, deadline{};
  std::uint32_t connection = 0;               // 0: waits for one
  std::optional<base::Instant> first_byte{};  // of the answer
  base::ByteCount received{};                 // of the body
  std::uint64_t heard = 0;                    // of its connection, when it was last looked at
  base::Instant reports_at{};                 // not before
  bool has_news = false;                      // that is not reported
  bool opened = false;                        // its connection, for it
};

// Bytes of a request without its body.
std::uint64_t request_size(const TransportRequest& request, std::size_t origin_size);
// What a GET of Chromium 156 takes beside its path: the uplink's bytes less 52 for each packet and 8 for each SYN, per request, in nine
// recordings of sessions without losses. These give 330 to 369 bytes with paths of 16; SACK blocks are in them, so the least counts.
constexpr std::uint64_t kRequestHeaders = 315;
// An answer without its body; reckoned, not measured: the header lines of nginx 1.22 for a static file with Cache-Control and two CORS
// lines.
constexpr std::uint64_t kAnswerHeaders = 304;

class TcpViewer {
 public:
  struct Limits {
    int initial_window = 10;
    int connections_per_host = 6;
    CongestionControl control = CongestionControl::kCubic;  // of the servers' side
    std::function<void(const TcpPacket& packet, bool passes)> watch{};
    netem::LinkModel* bottleneck = nullptr;
  };
  using Direction = TcpPacket::Direction;
  TcpViewer(const ModelLink& link, std::uint64_t seed, const Limits& limits)
      : path{link.spec, link.origin, seed, limits.bottleneck}, seed_{seed}, limits_{limits} {}

  // Gives the requests that wait for a connection to `origin`, oldest first, the idle ones, the latest used first, and opens new ones for
  // the rest. A request takes whichever is free first (Chromium's socket pools bind late).
  void assign(base::Instant now, const std::string& origin);
  // Sends what `out` holds and empties it.
  void send(base::Instant now, TcpConnection& connection, Direction direction);
  // The client closes; what still comes is answered by a reset.
  void close(base::Instant now, TcpConnection& connection);
  void reset(base::Instant now, TcpConnection& connection, const TcpSegment& cause, Direction direction);
  // Forgets connections of which nobody will hear again.
  void bury();
  // Without its connection, which the caller closes or keeps.
  void forget(const TcpExchange& exchange) { exchanges.erase(exchanges.begin() + (&exchange - exchanges.data())); }
  base::Instant next_event() const;

  TcpConnection* connection_of(std::uint32_t serial);
  TcpExchange* exchange_of(const TcpConnection& connection);
  TcpExchange* find(std::uint64_t key);

  TcpPath path;
  std::vector<std::unique_ptr<TcpConnection>> connections{};
  std::vector<TcpExchange> exchanges{};  // in the order of start()
  std::vector<TcpSegment> out{};         // reused
  base::Instant wakes_at = kTcpNever;
  base::Timer alarm{};

 private:
  TcpConnection* latest_idle(const std::string& origin) const;
  void connect(base::Instant now, const std::string& origin);
  void ask(base::Instant now, TcpConnection& connection, TcpExchange& exchange);
  std::uint64_t seed_;
  Limits limits_;
  std::uint32_t last_connection_ = 0;
};

}  // namespace harness

// PacketTransport: HTTP/1.1 in virtual time, packet by packet: each viewer's connections are TCP over the two LinkModels of its link
// (losses, full queues, retransmission timers and all); a ModelServer says what comes back. Deterministic for a seed. Slower than
// ModelTransport by orders of magnitude and truer: stalls that come from tails lost in a full queue happen here.
#pragma once

#include <functional>
#include <memory>

#include "base/timeline.h"
#include "harness/scenario/congestion_control.h"
#include "harness/transport/model_transport.h"
#include "harness/transport/tcp_path.h"
#include "harness/transport/transport.h"

namespace harness {

struct PacketOptions {
  // Both ends as in Linux 6.18, unless said otherwise in tcp_*.h.
  int initial_window = 10;  // segments (RFC 6928)
  // The client: a browser keeps up to six connections to a host (Chromium 156), and an aborted transfer costs its connection.
  int connections_per_host = 6;
  CongestionControl congestion_control = CongestionControl::kCubic;  // of the servers' side
  std::uint64_t seed = 1;                                            // of the links' losses and jitter, and of BBR's chance
  // Told of every packet as it leaves its end, and whether the link takes it. For those who compare packets.
  std::function<void(const TcpPacket& packet, bool passes)> watch{};
  // Shared by all viewers, before their links on the way down; outlives the transport. Null: none.
  netem::LinkModel* bottleneck = nullptr;
};

class PacketTransport final : public Transport {
 public:
  // `link_of` is asked when a viewer starts its first transfer.
  PacketTransport(base::Timeline& timeline, ModelServer& server, std::function<ModelLink(base::ViewerId)> link_of,
                  PacketOptions options = {});
  ~PacketTransport() override;
  TransferId start(TransportRequest&& request, TransferReceiver& receiver) override;
  void cancel(TransferId id) override;
  void leave(base::ViewerId viewer) override;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace harness

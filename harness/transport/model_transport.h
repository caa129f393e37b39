// ModelTransport: HTTP/1.1 or HTTP/2 in virtual time without packets. Each viewer has one link (rates, constant or by trace, delays, a
// queue and losses) which its transfers cross as fluids under TCP's congestion control (fluid_link.h), over connections as a browser keeps
// them; a ModelServer says what comes back and after how long. Deterministic for a seed, viewer by viewer. What is not modelled:
// docs/tcp.md.
#pragma once

#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "base/compact_optional.h"
#include "base/timeline.h"
#include "harness/scenario/congestion_control.h"
#include "harness/transport/bottleneck.h"
#include "harness/transport/transport.h"
#include "netem/model/impairment.h"

namespace harness {

struct ModelReply {
  int status = 200;
  base::SharedText body;   // delivered when the request keeps it
  base::ByteCount bytes;   // what crosses the link; at least the body's size
  base::Duration think{};  // server time before the first byte
  base::CompactOptional<base::Duration> retry_after{};
  CacheFields caching{};
  std::string_view failure{};  // not empty: no complete answer; `bytes` of it come through, then the transfer ends with this word
};

class ModelServer {
 public:
  virtual ModelReply reply(base::Instant now, const TransportRequest& request) = 0;
  // A transfer's request is on its way and will be here at `arrival`; it, and the place for its answer, stay where they are until the
  // answer is asked for or it is withdrawn. Returns: when to ask for the answer, then or later.
  virtual base::Instant announce(TransferId, base::Instant arrival, const TransportRequest&, ModelReply& /*answer*/) { return arrival; }
  // It is given up before its answer was asked for.
  virtual void withdraw(TransferId) {}
  // Leaves the answer in that place. Requires: announced.
  virtual void reply_to(base::Instant now, const TransportRequest& request, ModelReply& answer) { answer = reply(now, request); }
  // The viewer's connections close.
  virtual void leave(base::ViewerId) {}

 protected:
  ~ModelServer() = default;
};

struct ModelLink {
  ModelLink(const netem::Rate& down, const netem::Rate& up, base::Duration rtt);
  // `origin`: where the link's traces begin.
  ModelLink(netem::LinkSpec spec, base::Instant origin, BottleneckShare* bottleneck = nullptr);
  netem::LinkSpec spec{};
  base::Instant origin{};
  BottleneckShare* bottleneck = nullptr;  // that others share: before the link on the way down, behind it on the way up
};

struct ModelOptions {
  int initial_window = 10;                                           // packets (RFC 6928)
  int connections_per_host = 6;                                      // as a browser has at most (Chromium 156)
  CongestionControl congestion_control = CongestionControl::kCubic;  // of the servers' side
  bool http2 = false;                                                // with origins of https, as browsers speak it
  std::uint64_t seed = 1;                                            // of the links' losses
};

class ModelTransport final : public Transport {
 public:
  // `link_of` is asked when a viewer starts its first transfer.
  ModelTransport(base::Timeline& timeline, ModelServer& server, std::function<ModelLink(base::ViewerId)> link_of,
                 ModelOptions options = {});
  ~ModelTransport() override;
  TransferId start(TransportRequest&& request, TransferReceiver& receiver) override;
  void cancel(TransferId id) override;
  void leave(base::ViewerId viewer) override;
  void catch_up(base::ViewerId viewer) override;
  void look_again(base::ViewerId viewer) override;

  // A turn of the bottlenecks, while nothing else happens: each is told what has come through; then, where what it does to packets is to
  // change, each of those who have something on its way down is brought up to now before and renewed after.
  const std::vector<base::ViewerId>& tell_bottlenecks();  // returns: those
  void come_up_to_now(base::ViewerId viewer);
  void renew(base::ViewerId viewer);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace harness

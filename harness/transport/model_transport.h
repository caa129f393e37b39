// ModelTransport: HTTP in virtual time. Each viewer has one link (rates, constant or by trace, and delays) whose downlink its transfers
// share equally; a ModelServer says what comes back and after how long. Deterministic. The first transfer of a viewer to a host pays
// one round trip for the connection, each transfer one round trip for the request; no slow start, no loss, no jitter (stated in every
// report).
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/timeline.h"
#include "harness/transport/transport.h"
#include "netem/model/impairment.h"

namespace harness {

struct ModelReply {
  int status = 200;
  std::string body;        // delivered when the request keeps it
  base::ByteCount bytes;   // what crosses the link; at least the body's size
  base::Duration think{};  // server time before the first byte
  std::optional<base::Duration> retry_after;
  CacheFields caching{};
  std::string failure{};  // not empty: no complete answer; `bytes` of it come through, then the transfer ends with this word
};

class ModelServer {
 public:
  virtual ModelReply reply(base::Instant now, const TransportRequest& request) = 0;

 protected:
  ~ModelServer() = default;
};

struct ModelLink {
  ModelLink(const netem::Rate& down, const netem::Rate& up, base::Duration rtt);
  // `origin`: where the link's traces begin. Its rates and delays are what is modelled.
  ModelLink(netem::LinkSpec spec, base::Instant origin);
  netem::LinkSpec spec{};
  base::Instant origin{};
};

class ModelTransport final : public Transport {
 public:
  // `link_of` is asked when a viewer starts its first transfer.
  ModelTransport(base::Timeline& timeline, ModelServer& server, std::function<ModelLink(base::ViewerId)> link_of);
  ~ModelTransport() override;
  TransferId start(TransportRequest request, TransferReceiver& receiver) override;
  void cancel(TransferId id) override;
  void leave(base::ViewerId viewer) override;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace harness

// ModelTransport: HTTP in virtual time. Each viewer has one link (rate and round trip) whose downlink its transfers share equally;
// a ModelServer says what comes back and after how long. Deterministic. The first transfer of a viewer to a host pays one round
// trip for the connection, each transfer one round trip for the request; no slow start, no loss (stated in every report). Progress
// is reported four times a second, so short transfers end without any.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/timeline.h"
#include "harness/transport/transport.h"

namespace harness {

struct ModelReply {
  int status = 200;
  std::string body;        // delivered when the request keeps it
  base::ByteCount bytes;   // what crosses the link; at least the body's size
  base::Duration think{};  // server time before the first byte
  std::optional<base::Duration> retry_after;
  std::string failure;  // not empty: no complete answer; `bytes` of it come through, then the transfer ends with this word
};

class ModelServer {
 public:
  virtual ModelReply reply(base::Instant now, const TransportRequest& request) = 0;

 protected:
  ~ModelServer() = default;
};

struct ModelLink {
  base::Bitrate down;
  base::Bitrate up;
  base::Duration rtt{};
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

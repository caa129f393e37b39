// SharedServer: one ModelServer for viewers in many halls, whose clocks run beside each other. Each hall has a desk; what is on its way
// there is announced before it arrives, and between two stretches of time in which the halls run, the server answers all that arrives in
// the next one, in the order of arrival over all halls. So its answers depend neither on threads nor on halls.
#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "harness/transport/model_transport.h"

namespace harness {

class SharedServer {
 public:
  explicit SharedServer(ModelServer& server) : server_{server} {}

  class Desk final : public ModelServer {
   public:
    base::Instant announce(TransferId id, base::Instant arrival, const TransportRequest& request) override;
    void withdraw(TransferId id) override;
    // Requires: announced for this instant.
    ModelReply reply_to(TransferId id, base::Instant now, const TransportRequest& request) override;
    // Requires: never called; nothing is answered that was not announced.
    ModelReply reply(base::Instant now, const TransportRequest& request) override;

   private:
    friend class SharedServer;
    struct Announced {
      base::Instant arrival;
      TransferId id;
      TransportRequest request;
    };
    std::vector<Announced> coming_{};
    std::unordered_map<TransferId, ModelReply> answers_{};
    base::Instant opens_{};  // nothing arrives sooner any more
  };

  // Its address stays.
  Desk& open_desk();
  // Answers what arrives up to and including `when`. What is announced from now on arrives later; where it would not, it is late by as
  // much. Requires: no hall runs.
  void answer_through(base::Instant when);

 private:
  ModelServer& server_;
  std::vector<std::unique_ptr<Desk>> desks_;
};

}  // namespace harness

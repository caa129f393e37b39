// SharedServer: one ModelServer for viewers in many halls, each viewer with a time of its own (base/lane_timeline.h). Each hall has a
// desk; what is on its way there is announced before it arrives, and holds its viewer at the instant of its arrival. Whenever all viewers
// have run as far as they may, the server answers what arrives next, in the order of arrival over all halls, and lets go of those who
// asked. So its answers depend neither on threads nor on halls.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/lane_timeline.h"
#include "base/virtual_timeline.h"
#include "harness/transport/model_transport.h"

namespace harness {

class SharedServer {
  struct Leave {
    base::Instant at;
    base::ViewerId viewer{};
    auto operator<=>(const Leave&) const = default;
  };

 public:
  explicit SharedServer(ModelServer& server) : server_{server} {}

  class Desk final : public ModelServer {
   public:
    Desk(ModelServer& server, const base::Timeline& timeline) : server_{server}, timeline_{timeline} {}
    // It is there a moment from now at the soonest, so that it is answered before anybody can hear of it.
    base::Instant announce(TransferId id, base::Instant arrival, const TransportRequest& request, ModelReply& answer) override;
    void withdraw(TransferId id) override;
    // Requires: announced for this instant. The answer is there already.
    void reply_to(base::Instant now, const TransportRequest& request, ModelReply& answer) override;
    // Requires: never called; nothing is answered that was not announced.
    ModelReply reply(base::Instant now, const TransportRequest& request) override;
    // At the instant that it is for whoever runs.
    void leave(base::ViewerId viewer) override { leaving_.push_back({timeline_.now(), viewer}); }

   private:
    friend class SharedServer;
    struct Announced {
      base::Instant arrival;
      TransferId id{};
      const TransportRequest* request = nullptr;
      ModelReply* answer = nullptr;
      base::Timer hold;  // of the viewer
      // For a heap with the first arrival on top.
      bool operator<(const Announced& o) const { return arrival != o.arrival ? arrival > o.arrival : id > o.id; }
    };
    Announced take_first();
    ModelServer& server_;
    const base::Timeline& timeline_;
    base::LaneTimeline* lanes_ = nullptr;
    std::vector<Announced> coming_{};  // a heap
    std::vector<Leave> leaving_{};
    base::Instant opens_{};  // nothing arrives sooner any more
  };

  // Its address stays. `timeline`: of those who ask, each in its own lane; or all together, and then they stand still meanwhile.
  Desk& open_desk(base::LaneTimeline& timeline);
  Desk& open_desk(base::VirtualTimeline& timeline);
  // When the first of what is announced arrives.
  std::optional<base::Instant> next_arrival() const;
  // Answers what arrives up to and including `when`; who has left by then leaves in between. What is announced from now on arrives later;
  // where it would not, it is late by as much. Requires: no hall runs.
  void answer_through(base::Instant when);

 private:
  Desk& open(const base::Timeline& timeline, base::LaneTimeline* lanes);
  ModelServer& server_;
  std::vector<std::unique_ptr<Desk>> desks_;
  std::vector<Desk::Announced> arrived_{};  // reused
  std::vector<Leave> left_{};               // reused
};

}  // namespace harness

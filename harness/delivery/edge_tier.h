// EdgeTier: what viewers' requests meet before the content: the edges of their region, a shield before the origin, the origin; a
// scenario's "virtual" section come alive. A ModelServer before another one, so that transports know nothing of it. A viewer belongs to
// one edge of its region, by its number, and keeps one connection to it and one to the origin, where tokens and accounts are. Viewers of
// regions without edges ask the origin. Deterministic; instants must not fall.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/units.h"
#include "harness/scenario/virtual_world.h"
#include "harness/transport/model_transport.h"
#include "reports/record/rows.h"

namespace harness {

class EdgeTier final : public ModelServer {
 public:
  struct Options {
    bool live = true;
    std::size_t renditions = 1;  // that the origin encodes
    base::Duration segment_duration = std::chrono::seconds{2};
    base::WallAnchor wall;
    base::Duration made{};  // as of the origin
    std::uint64_t seed = 1;
    std::string edge_host;  // "http://model": what is asked for there goes to the edges; all else to the origin
    std::function<std::string(base::ViewerId)> region_of;
    std::function<int(base::Instant, const TransportRequest&)> access;  // of the token that is shown: 200, 401, 403
  };
  // `content` thinks nothing: what it takes is in the model.
  EdgeTier(ModelServer& content, const VirtualWorld& world, Options options);
  ~EdgeTier();

  ModelReply reply(base::Instant now, const TransportRequest& request) override;
  // Edges hold a request for as long as the content would, and then look for it. May be asked on any thread.
  base::Instant announce(TransferId id, base::Instant arrival, const TransportRequest& request, ModelReply& answer) override;
  void leave(base::ViewerId viewer) override;
  // When the origin's encoders have done what they would have done by then.
  base::Instant encoded_at(base::Instant wanted) const;

  // The figures count from here.
  void measure_from(base::Instant now);
  std::vector<reports::DeliveryRow> rows() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// Which of `count` servers a viewer belongs to: evenly, whatever the order in which cohorts arrive.
std::size_t server_of(base::ViewerId viewer, std::size_t count);

}  // namespace harness

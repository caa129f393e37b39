#include "harness/delivery/edge_tier.h"

#include <fmt/format.h>

#include <map>
#include <utility>
#include <vector>

#include "base/paged.h"
#include "base/random.h"
#include "harness/delivery/cache_server.h"
#include "harness/delivery/origin_server.h"

namespace harness {
namespace {

struct EdgeRange {
  std::size_t first = 0, count = 0;  // in the list of edges
};

constexpr std::uint32_t kNoEdge = ~std::uint32_t{0};  // the viewer's region has none
constexpr std::uint32_t kNotSeated = kNoEdge - 1;

// A viewer's place: its edge, and the connections it has open.
struct EdgeSeat {
  std::uint32_t edge = kNotSeated;  // in the list of edges
  bool at_edge = false, at_origin = false;
};

bool is_at(const std::string& url, const std::string& host) {
  return url.size() > host.size() && url.starts_with(host) && url[host.size()] == '/';
}

ModelReply connection_refused() { return {.status = 0, .failure = "refused"}; }

// Of one answer for many; what differs is told besides.
ModelReply as_given(const Delivery& delivery) {
  ModelReply reply = *delivery.reply;
  reply.think = delivery.ready;
  reply.caching.age += delivery.age;
  return reply;
}

}  // namespace

std::size_t server_of(base::ViewerId viewer, std::size_t count) {
  return count <= 1 ? 0 : base::Random::stream(count, index_of(viewer)).below(count);
}

class EdgeTier::Impl {
 public:
  Impl(ModelServer& content, const VirtualWorld& world, Options options)
      : content_{content},
        options_{std::move(options)},
        origin_{content,
                world,
                objects_,
                {.live = options_.live,
                 .renditions = options_.renditions,
                 .wall = options_.wall,
                 .made = options_.made,
                 .seed = options_.seed,
                 .access = options_.access}} {
    for (int i = 0; world.shield && i < world.shield->count; ++i)
      shields_.push_back({fmt::format("shield-{}", i + 1), "", make(*world.shield, origin_)});
    for (const auto& [region, plan] : world.edges) {
      ranges_[region] = {edges_.size(), static_cast<std::size_t>(plan.count)};
      for (int i = 0; i < plan.count; ++i)
        edges_.push_back({fmt::format("{}-{}", region, i + 1), region, make(plan, behind(edges_.size()))});
    }
  }

  base::Instant announce(TransferId id, base::Instant arrival, const TransportRequest& request, ModelReply& answer) {
    const base::Instant encoded = origin_.encoded_until(arrival);
    const base::Instant held = content_.announce(id, encoded, request, answer);
    return held == encoded ? arrival : std::max(arrival, origin_.encoded_at(held));
  }

  ModelReply reply(base::Instant now, const TransportRequest& request) {
    EdgeSeat& seat = seat_of(request.viewer);
    const Ask ask{.object = objects_.id_of_url(request.url), .request = request};
    const bool by_edge = seat.edge != kNoEdge && request.method == "GET" && is_at(request.url, options_.edge_host);
    return by_edge ? from_edge(now, ask, seat) : from_origin(now, ask, seat);
  }

  void leave(base::ViewerId viewer) {
    const EdgeSeat left = std::exchange(seats_[index_of(viewer)], {});
    if (left.at_edge) edge_of(left).disconnect();
    if (left.at_origin) origin_.disconnect();
  }

  base::Instant encoded_at(base::Instant wanted) const { return origin_.encoded_at(wanted); }

  void measure_from(base::Instant now) {
    origin_.begin(now);
    for (const auto* list : {&shields_, &edges_})
      for (const Server& each : *list) each.cache->begin(now);
  }

  std::vector<reports::DeliveryRow> rows() const {
    std::vector<reports::DeliveryRow> out;
    for (const auto& [list, role] : {std::pair{&edges_, "edge"}, std::pair{&shields_, "shield"}}) {
      for (const Server& each : *list) {
        reports::DeliveryRow& row = out.emplace_back(each.cache->row());
        row.server = each.name;
        row.role = role;
        row.region = each.region;
      }
    }
    out.push_back(origin_.row());
    return out;
  }

 private:
  struct Server {
    std::string name, region;
    std::unique_ptr<CacheServer> cache;
  };

  std::unique_ptr<CacheServer> make(const CachePlan& plan, Upstream& upstream) const {
    return std::make_unique<CacheServer>(plan, upstream, objects_, CacheServer::Options{.segment_duration = options_.segment_duration});
  }
  // The shields take the edges in turn.
  Upstream& behind(std::size_t edge) {
    if (shields_.empty()) return origin_;
    return *shields_[edge % shields_.size()].cache;
  }

  CacheServer& edge_of(const EdgeSeat& seat) { return *edges_[seat.edge].cache; }

  EdgeSeat& seat_of(base::ViewerId viewer) {
    EdgeSeat& seat = seats_[index_of(viewer)];
    if (seat.edge != kNotSeated) return seat;
    const auto range = ranges_.find(options_.region_of(viewer));
    seat.edge = range == ranges_.end() ? kNoEdge : static_cast<std::uint32_t>(range->second.first + server_of(viewer, range->second.count));
    return seat;
  }

  ModelReply from_edge(base::Instant now, Ask ask, EdgeSeat& seat) {
    ask.connects = !seat.at_edge;
    if (ask.connects && !edge_of(seat).connect(now)) return connection_refused();
    seat.at_edge = true;
    const bool shows_token = find_header(ask.request, "Authorization") != nullptr;
    const int access = shows_token ? options_.access(now, ask.request) : 200;
    return as_given(access == 200 ? edge_of(seat).fetch(now, ask) : edge_of(seat).refuse(now, ask, access));
  }

  ModelReply from_origin(base::Instant now, Ask ask, EdgeSeat& seat) {
    ask.connects = !seat.at_origin;
    if (ask.connects && !origin_.connect(now)) return connection_refused();
    seat.at_origin = true;
    return as_given(origin_.fetch(now, ask));
  }

  ModelServer& content_;
  Options options_;
  ObjectIds objects_;
  OriginServer origin_;
  std::vector<Server> shields_, edges_;
  std::map<std::string, EdgeRange> ranges_;  // by region
  base::Paged<EdgeSeat> seats_;              // by viewer
};

EdgeTier::EdgeTier(ModelServer& content, const VirtualWorld& world, Options options)
    : impl_{std::make_unique<Impl>(content, world, std::move(options))} {}
EdgeTier::~EdgeTier() = default;
base::Instant EdgeTier::announce(TransferId id, base::Instant arrival, const TransportRequest& request, ModelReply& answer) {
  return impl_->announce(id, arrival, request, answer);
}
ModelReply EdgeTier::reply(base::Instant now, const TransportRequest& request) { return impl_->reply(now, request); }
void EdgeTier::leave(base::ViewerId viewer) { impl_->leave(viewer); }
base::Instant EdgeTier::encoded_at(base::Instant wanted) const { return impl_->encoded_at(wanted); }
void EdgeTier::measure_from(base::Instant now) { impl_->measure_from(now); }
std::vector<reports::DeliveryRow> EdgeTier::rows() const { return impl_->rows(); }

}  // namespace harness

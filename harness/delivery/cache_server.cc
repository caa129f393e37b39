#include "harness/delivery/cache_server.h"

namespace harness {
namespace {

using namespace base::literals;

// The edge asks on its own account: for the whole object, unless the one it has still holds; once for all who ask at a moment, or once for
// each.
TransportRequest upstream_request(const TransportRequest& request, const std::string& etag, bool once) {
  TransportRequest out{.viewer = request.viewer, .method = request.method, .url = request.url, .timeout = request.timeout};
  if (!once) out.weight = request.weight;
  if (!etag.empty()) out.headers.emplace_back("If-None-Match", etag);
  return out;
}

// What has been confirmed, with the newer header fields (RFC 9111, 4.3.4).
SharedReply renewed(const ModelReply& old, const CacheFields& caching) {
  ModelReply reply = old;
  reply.caching = caching;
  return std::make_shared<const ModelReply>(std::move(reply));
}

const std::optional<base::Duration>& ttl_of(const CachePlan& plan, ObjectKind kind) {
  static const std::optional<base::Duration> kNone;
  switch (kind) {
    case ObjectKind::kMaster:
    case ObjectKind::kPlaylist:
      return plan.playlist_ttl;
    case ObjectKind::kInit:
      return plan.init_ttl;
    case ObjectKind::kSegment:
      return plan.segment_ttl;
    case ObjectKind::kToken:
    case ObjectKind::kPage:
      break;
  }
  return kNone;
}

}  // namespace

SharedReply not_modified(const TransportRequest& request, const ModelReply& reply) {
  const std::string* condition = find_header(request, "If-None-Match");
  if (condition == nullptr || reply.caching.etag.empty() || *condition != reply.caching.etag) return nullptr;
  return std::make_shared<const ModelReply>(ModelReply{.status = 304, .caching = reply.caching});
}

std::optional<base::Duration> fresh_in_cache(const CachePlan& plan, ObjectKind kind, const CacheFields& fields,
                                             base::Duration segment_duration) {
  if (fields.no_store) return std::nullopt;
  if (const auto& ttl = ttl_of(plan, kind)) return *ttl;
  if (fields.no_cache) return 0s;
  if (fields.max_age) return std::max(*fields.max_age - fields.age, base::Duration{});
  if (kind == ObjectKind::kPlaylist || kind == ObjectKind::kMaster) return segment_duration / 2;
  return kind == ObjectKind::kInit || kind == ObjectKind::kSegment ? kUnsaidFreshness : base::Duration{};
}

ServerLimits::Spec limits_of(const CachePlan& plan) {
  return {.requests_per_s = plan.requests_per_s, .egress = plan.egress, .connections = plan.connections, .queue = plan.queue};
}

CacheServer::CacheServer(const CachePlan& plan, Upstream& upstream, const ObjectIds& objects, Options options)
    : plan_{plan},
      upstream_{upstream},
      objects_{objects},
      options_{options},
      cache_{{.capacity = plan.cache,
              .coalesce = plan.coalesce,
              .stale_while_revalidate = plan.stale_while_revalidate,
              .stale_if_error = plan.stale_if_error}},
      limits_{limits_of(plan)} {}

Delivery CacheServer::fetch(base::Instant now, const Ask& ask) {
  const auto wait = limits_.admit(now, ask.connects, ask.request.weight);
  if (!wait) return {too_busy(), {}, {}};
  auto [reply, after, age] = serve(now, ask);
  if (SharedReply unchanged = not_modified(ask.request, *reply)) reply = std::move(unchanged);
  const auto [queued, takes] = limits_.send(now, size_of(*reply), ask.request.weight);
  return {std::move(reply), *wait + plan_.hit_latency + after + queued, takes, age};
}

Delivery CacheServer::refuse(base::Instant now, const Ask& ask, int status) {
  const auto wait = limits_.admit(now, ask.connects, ask.request.weight);
  if (!wait) return {too_busy(), {}, {}};
  limits_.meter().outcome(CacheOutcome::kPassed, ask.request.weight);
  return {std::make_shared<const ModelReply>(ModelReply{.status = status}), *wait + plan_.hit_latency, {}};
}

CacheServer::Served CacheServer::serve(base::Instant now, const Ask& ask) {
  using Found = EdgeCache::Found;
  EdgeCache::Finding finding = cache_.look(now, ask.object);
  const std::uint32_t weight = ask.request.weight;
  const auto give = [&](CacheOutcome outcome) {
    limits_.meter().outcome(outcome, weight);
    return Served{std::move(finding.reply), finding.wait, finding.age};
  };
  switch (finding.found) {
    case Found::kFresh:
      return give(CacheOutcome::kHit);
    case Found::kStale:
      return give(CacheOutcome::kStale);
    case Found::kUnderWay:
      return give(CacheOutcome::kCoalesced);
    case Found::kRevalidate:
      fetch_anew(now, ask, finding.reply);
      return give(CacheOutcome::kStale);
    case Found::kExpired:
    case Found::kNothing:
      break;
  }
  Served served = fetch_anew(now, ask, finding.reply);
  const bool failed = served.reply->status >= 500;
  if (failed && cache_.may_serve_on_error(now, ask.object)) {
    limits_.meter().outcome(CacheOutcome::kStaleOnError, weight);
    return {std::move(finding.reply), served.after, finding.age + served.after};
  }
  limits_.meter().outcome(CacheOutcome::kMiss, plan_.coalesce ? 1 : weight);
  if (plan_.coalesce) limits_.meter().outcome(CacheOutcome::kCoalesced, weight - 1);
  return served;
}

// Asks upstream, keeps what comes for those after, and says when it is here. `old`: what has expired, or null.
CacheServer::Served CacheServer::fetch_anew(base::Instant now, const Ask& ask, const SharedReply& old) {
  const TransportRequest request = upstream_request(ask.request, old ? old->caching.etag : base::SharedText{}, plan_.coalesce);
  Delivery delivery = upstream_.fetch(now, {.object = ask.object, .request = request});
  const base::Duration takes = plan_.origin_rtt + delivery.ready + delivery.sent;
  const bool unchanged = delivery.reply->status == 304 && old != nullptr;
  limits_.meter().asked_upstream(size_of(*delivery.reply), unchanged, request.weight);
  CacheFields fields = delivery.reply->caching;
  fields.age += delivery.age;
  const auto fresh = fresh_in_cache(plan_, objects_.kind_of(ask.object), fields, options_.segment_duration);
  const SharedReply reply = unchanged ? renewed(*old, delivery.reply->caching) : delivery.reply;
  const bool serves_old = reply->status >= 500 && old != nullptr && cache_.may_serve_on_error(now, ask.object);
  // An answer that no one else may be given is not kept even for those who wait.
  if (fresh)
    cache_.fetched(now, ask.object,
                   {.reply = serves_old ? old : reply,
                    .arrives = now + takes,
                    .fresh_for = *fresh,
                    .age = delivery.age,
                    .storable = reply->status == 200});
  return {reply, takes, delivery.age};
}

reports::DeliveryRow CacheServer::row() const {
  reports::DeliveryRow row = limits_.row();
  row.evictions = cache_.evictions();
  row.held = cache_.held().count();
  return row;
}

}  // namespace harness

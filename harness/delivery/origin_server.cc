#include "harness/delivery/origin_server.h"

#include <cmath>

namespace harness {
namespace {

using namespace base::literals;

bool is_media(ObjectKind kind) { return kind != ObjectKind::kToken && kind != ObjectKind::kPage; }

TransportRequest without_token(const TransportRequest& request) {
  TransportRequest out = request;
  std::erase_if(out.headers, [](const auto& field) { return field.first == "Authorization"; });
  return out;
}

}  // namespace

ServerLimits::Spec limits_of_origin(const VirtualWorld& world) {
  const auto& [model, plan] = std::tie(world.model, world.origin);
  ServerLimits::Spec spec;
  spec.requests_per_s = plan.requests_per_s ? plan.requests_per_s : model.requests_per_s;
  spec.egress = plan.egress ? plan.egress : model.egress;
  spec.connections = plan.connections ? plan.connections : model.connections;
  spec.queue = plan.queue ? *plan.queue : model.queue.value_or(spec.queue);
  spec.connection_cpu = model.accept_cpu.value_or(0s) + model.tls_cpu.value_or(0s);
  spec.cores = model.cores.value_or(spec.cores);
  return spec;
}

OriginServer::OriginServer(ModelServer& content, const VirtualWorld& world, ObjectIds& objects, Options options)
    : content_{content},
      objects_{objects},
      options_{std::move(options)},
      limits_{limits_of_origin(world)},
      think_{world.model, options_.seed},
      capacity_{world.origin.renditions ? world.origin.renditions : world.model.renditions} {}

double OriginServer::encoding_pace() const {
  const auto wanted = static_cast<std::int64_t>(options_.renditions);
  if (!options_.live || !capacity_ || wanted <= *capacity_) return 1;
  return static_cast<double>(*capacity_) / static_cast<double>(wanted);
}

base::Instant OriginServer::encoded_until(base::Instant now) const {
  const double pace = encoding_pace();
  const base::Instant from = falls_behind_from();
  if (pace == 1 || now <= from) return now;
  return from + base::Duration{static_cast<std::int64_t>(static_cast<double>((now - from).count()) * pace)};
}

base::Instant OriginServer::encoded_at(base::Instant wanted) const {
  const double pace = encoding_pace();
  const base::Instant from = falls_behind_from();
  if (pace == 1 || wanted <= from) return wanted;
  const double took = static_cast<double>((wanted - from).count()) / pace;
  return from + base::Duration{static_cast<std::int64_t>(std::ceil(took)) + 1};  // what is rounded counts as not done
}

ModelReply OriginServer::answer(base::Instant now, const Ask& ask, ObjectKind kind) {
  const base::Instant encoded = is_media(kind) ? encoded_until(now) : now;
  if (encoded == now) return content_.reply(now, ask.request);
  // Tokens are judged by the real time.
  if (const int access = options_.access(now, ask.request); access != 200) return {.status = access};
  ModelReply reply = content_.reply(encoded, without_token(ask.request));
  reply.caching.date = std::chrono::floor<std::chrono::seconds>(options_.wall.utc_at(now));
  return reply;
}

Delivery OriginServer::fetch(base::Instant now, const Ask& ask) {
  const auto wait = limits_.admit(now, ask.connects, ask.request.weight);
  if (!wait) return {too_busy(), {}, {}};
  const ObjectKind kind = objects_.kind_of(ask.object);
  auto reply = std::make_shared<ModelReply>(answer(now, ask, kind));
  const auto [queued, takes] = limits_.send(now, size_of(*reply), ask.request.weight);
  return {std::move(reply), *wait + think_.draw(kind) + queued, takes};
}

void OriginServer::begin(base::Instant now) {
  limits_.begin(now);
  if (encoded_until(now) < now) limits_.exceeded(now, ServerLimit::kTranscode);
}

reports::DeliveryRow OriginServer::row() const {
  reports::DeliveryRow row = limits_.row();
  row.server = row.role = "origin";
  if (capacity_ && options_.live) row.renditions_limit = static_cast<double>(*capacity_);
  if (options_.live) row.renditions = static_cast<double>(options_.renditions);
  return row;
}

}  // namespace harness

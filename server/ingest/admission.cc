#include "server/ingest/admission.h"

namespace server {
namespace {

// The same key is the same encoder after a network loss: it does not wait for its own ghost to time out.
bool may_take_over(const StreamId& id, const CurrentPublisher& current) {
  const bool same_publisher = !id.user.empty() && id.user == current.user;
  return same_publisher || current.silent_for >= kGhostAfter;
}

}  // namespace

std::optional<Refusal> admission(const base::Result<StreamId>& id, const PublishPoint* point) {
  if (id.has_error()) return Refusal::kBadRequest;
  if (id->mode != "publish" || id->type != "stream") return Refusal::kForbidden;
  if (point == nullptr) return Refusal::kNotFound;
  if (!point->key.empty() && id->user != point->key) return Refusal::kUnauthorized;
  if (point->publisher && !may_take_over(*id, *point->publisher)) return Refusal::kConflict;
  return std::nullopt;
}

}  // namespace server

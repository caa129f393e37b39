#include "server/ingest/admission.h"

namespace server {
namespace {

// The same key is the same encoder after a network loss: it does not wait for its own ghost to time out.
bool may_take_over(std::string_view key, const CurrentPublisher& current) {
  const bool same_publisher = !key.empty() && key == current.key;
  return same_publisher || current.silent_for >= kGhostAfter;
}

}  // namespace

const char* to_text(Refusal refusal) {
  switch (refusal) {
    case Refusal::kBadRequest:
      return "the request is not understood";
    case Refusal::kUnauthorized:
      return "the publish key is wrong";
    case Refusal::kForbidden:
      return "only publishing is allowed here";
    case Refusal::kNotFound:
      return "there is no such stream";
    case Refusal::kTimeout:
      return "nothing was published in time";
    case Refusal::kConflict:
      return "another publisher is sending";
    case Refusal::kUnsupportedMedia:
      return "what is sent cannot be used";
  }
  return "";
}

const char* name_of(Refusal refusal) {
  switch (refusal) {
    case Refusal::kBadRequest:
      return "bad-request";
    case Refusal::kUnauthorized:
      return "unauthorized";
    case Refusal::kForbidden:
      return "forbidden";
    case Refusal::kNotFound:
      return "not-found";
    case Refusal::kTimeout:
      return "timeout";
    case Refusal::kConflict:
      return "conflict";
    case Refusal::kUnsupportedMedia:
      return "unsupported-media";
  }
  return "";
}

std::optional<Refusal> admission(std::string_view key, const PublishPoint* point) {
  if (point == nullptr) return Refusal::kNotFound;
  if (!point->key.empty() && key != point->key) return Refusal::kUnauthorized;
  if (point->publisher && !may_take_over(key, *point->publisher)) return Refusal::kConflict;
  return std::nullopt;
}

}  // namespace server

#include "server/delivery/metrics.h"

#include <prometheus/text_serializer.h>

#include <algorithm>

#include "server/delivery/target.h"

namespace server {
namespace {

// Seconds: from a playlist on loopback to a segment over a slow mobile link.
const prometheus::Histogram::BucketBoundaries kBuckets = {0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10};
constexpr const char* kReasons[] = {"allowed",       "missing",       "expired", "malformed",
                                    "bad-signature", "not-yet-valid", "revoked", "other-stream"};

// The three histograms: segments and inits, playlists and manifests, the rest.
const char* weight_of(Resource resource) {
  switch (resource) {
    case Resource::kSegment:
    case Resource::kInit:
      return "media";
    case Resource::kMultivariant:
    case Resource::kPlaylist:
    case Resource::kManifest:
      return "playlist";
    default:
      return "other";
  }
}

}  // namespace

DeliveryMetrics::DeliveryMetrics(prometheus::Registry& registry) {
  auto& requests = prometheus::BuildCounter().Name("rehearsal_server_requests_total").Help("Media requests answered").Register(registry);
  auto& bytes = prometheus::BuildCounter().Name("rehearsal_server_sent_bytes_total").Help("Bytes handed to the kernel").Register(registry);
  auto& seconds = prometheus::BuildHistogram()
                      .Name("rehearsal_server_request_seconds")
                      .Help("From the complete request header to the last byte handed to the kernel")
                      .Register(registry);
  for (std::size_t r = 0; r < requests_.size(); ++r) {
    const auto resource = static_cast<Resource>(r);
    for (std::size_t c = 0; c < kStatusClasses; ++c)
      requests_[r][c] = &requests.Add({{"resource", to_text(resource)}, {"status", std::to_string(c + 2) + "xx"}});
    bytes_[r] = &bytes.Add({{"resource", to_text(resource)}});
    seconds_[r] = &seconds.Add({{"resource", weight_of(resource)}}, kBuckets);
  }
  auto& decisions =
      prometheus::BuildCounter().Name("rehearsal_server_access_decisions_total").Help("Access checks by outcome").Register(registry);
  for (const char* reason : kReasons) decisions_[reason] = &decisions.Add({{"reason", reason}});
  connections_ = &prometheus::BuildGauge().Name("rehearsal_server_connections").Help("Open media connections").Register(registry).Add({});
}

void DeliveryMetrics::request(const Response& response, base::ByteCount sent, base::Duration took) {
  const auto r = static_cast<std::size_t>(response.resource);
  requests_[r][static_cast<std::size_t>(std::clamp(response.status / 100 - 2, 0, kStatusClasses - 1))]->Increment();
  bytes_[r]->Increment(static_cast<double>(sent.count()));
  seconds_[r]->Observe(base::to_seconds(took));
}

void DeliveryMetrics::access(const std::string& reason) {
  if (const auto at = decisions_.find(reason.empty() ? "allowed" : reason); at != decisions_.end()) at->second->Increment();
}

Response MetricsPage::answer(const Request& request, base::UtcTime /*now*/) {
  if (request.method != Method::kGet && request.method != Method::kHead)
    return problem_response(405, "method", "Only GET and HEAD are served here", "no-store");
  const auto target = parse_target(request.target);
  if (!target || target->path_text != "/metrics") return problem_response(404, "no-page", "The metrics are at /metrics", "no-store");
  return text_response(200, "text/plain; version=0.0.4; charset=utf-8", "no-store",
                       prometheus::TextSerializer{}.Serialize(registry_->Collect()));
}

}  // namespace server

// Whether a publisher may send a stream, decided in SRT's handshake from what it presents and from who is sending now. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "server/ingest/streamid.h"

namespace server {

// Refusals, with SRT's access control codes.
enum class Refusal : int { kBadRequest = 1400, kUnauthorized = 1401, kForbidden = 1403, kNotFound = 1404, kConflict = 1409 };

// The publisher connected now.
struct CurrentPublisher {
  std::string user;
  base::Duration silent_for{};  // since its last bytes
};

struct PublishPoint {
  std::string key;  // empty: any publisher
  std::optional<CurrentPublisher> publisher;
};

// A publisher silent for this long is a ghost: the contribution counts as lost then, too.
inline constexpr base::Duration kGhostAfter = std::chrono::milliseconds{500};

// `point`: null when there is no such stream. Nothing: welcome, and it takes the place of the current publisher.
std::optional<Refusal> admission(const base::Result<StreamId>& id, const PublishPoint* point);

}  // namespace server

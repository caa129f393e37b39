// Whether a publisher may send to a point, decided in the protocol's handshake from what it presents and from who is sending now. Pure.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace server {

// Refusals, with SRT's access control codes (docs/features/access-control.md), which are HTTP's and 1000.
enum class Refusal : int {
  kBadRequest = 1400,
  kUnauthorized = 1401,
  kForbidden = 1403,
  kNotFound = 1404,
  kTimeout = 1408,
  kConflict = 1409,
  kUnsupportedMedia = 1415
};
inline constexpr std::array kEveryRefusal{Refusal::kBadRequest, Refusal::kUnauthorized, Refusal::kForbidden,       Refusal::kNotFound,
                                          Refusal::kTimeout,    Refusal::kConflict,     Refusal::kUnsupportedMedia};
const char* name_of(Refusal refusal);  // "bad-request", "unauthorized", …, "unsupported-media"

// A short sentence for logs and for protocols that carry one.
const char* to_text(Refusal refusal);

// The publisher connected now.
struct CurrentPublisher {
  std::string key;
  base::Duration silent_for{};  // since its last bytes
};

struct PublishPoint {
  std::string key;  // empty: any publisher
  std::optional<CurrentPublisher> publisher;
};

// A publisher silent for this long is a ghost: the contribution counts as lost then, too.
inline constexpr base::Duration kGhostAfter = std::chrono::milliseconds{500};

// `point`: null when there is no such one. Nothing: welcome, and it takes the place of the current publisher.
std::optional<Refusal> admission(std::string_view key, const PublishPoint* point);

}  // namespace server

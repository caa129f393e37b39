// ServerModel: what a server takes for its answers and how much of them it has in it, as a model file (schema rehearsal/model/1) says:
// `rehearse calibrate` writes one of a real server, `rehearse simulate` plays it. Plain data; model_file.h reads and writes it. A figure
// that is absent is not known: whoever uses the model says what it assumes instead.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "base/units.h"

namespace harness {

// What is asked for. kPlaylist: HLS media playlists and DASH manifests, which a live stream changes with every segment.
enum class ObjectKind : std::uint8_t { kMaster, kPlaylist, kInit, kSegment, kToken, kPage };
inline constexpr std::size_t kObjectKinds = 6;
const char* to_text(ObjectKind kind);  // "master", "playlist", "init", "segment", "token", "page"

// The quantiles that a model file may give, with their places in the standard normal distribution (the inverse of its distribution
// function, to six digits): times between two of them are log-normal.
struct QuantileName {
  const char* name;
  double share;
  double deviations;
};
inline constexpr std::array<QuantileName, 9> kQuantiles{{{"p1", 0.01, -2.326348},
                                                         {"p5", 0.05, -1.644854},
                                                         {"p10", 0.10, -1.281552},
                                                         {"p25", 0.25, -0.674490},
                                                         {"median", 0.50, 0},
                                                         {"p75", 0.75, 0.674490},
                                                         {"p90", 0.90, 1.281552},
                                                         {"p95", 0.95, 1.644854},
                                                         {"p99", 0.99, 2.326348}}};
inline constexpr std::size_t kMedianQuantile = 4;  // in kQuantiles

// From the request's last byte to the answer's first, of an idle server. By index in kQuantiles, each above 0 and none below the one
// before; the median is there. With the median alone every answer takes as long.
struct ThinkTime {
  std::array<std::optional<base::Duration>, kQuantiles.size()> at{};
  friend bool operator==(const ThinkTime&, const ThinkTime&) = default;
};

// How one figure came about, for readers: { "figure": "think.segment", "count": 200, "how": "…" }.
struct Provenance {
  std::string figure{};
  std::int64_t count = 0;  // samples
  std::string how{};
  friend bool operator==(const Provenance&, const Provenance&) = default;
};

struct ServerModel {
  std::array<std::optional<ThinkTime>, kObjectKinds> think{};
  std::optional<base::Duration> accept_cpu{};  // processor time for a new connection
  std::optional<base::Duration> tls_cpu{};     // and for its TLS handshake
  std::optional<std::int64_t> connections{};   // at once
  std::optional<double> cores{};               // over which that processor time is spread
  std::optional<double> requests_per_s{};
  std::optional<base::Bitrate> egress{};     // of bodies
  std::optional<base::Duration> queue{};     // a request that would wait longer is refused with 503
  std::optional<std::int64_t> renditions{};  // channels times rungs that are encoded in real time
  std::string server{}, target{}, date{};    // what was measured, and when
  std::vector<Provenance> figures{};
  friend bool operator==(const ServerModel&, const ServerModel&) = default;
};

// What the reader holds figures to; beyond these they are mistakes.
inline constexpr base::Duration kLongestThink = std::chrono::seconds{60};
inline constexpr double kMostRequestsPerSecond = 1e9;
inline constexpr base::Bitrate kMostEgress = base::Bitrate::bits_per_second(1'000'000'000'000'000);

}  // namespace harness

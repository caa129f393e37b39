// What stands between the viewers of a simulation and the content: edges by region, a shield before the origin, the origin, each with
// its limits; the HTTP that they speak, and the shape of the content. A scenario's "virtual" section. Plain data. Real runs pass it over.
// An absent limit is none.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "base/units.h"
#include "harness/scenario/server_model.h"

namespace harness {

// Caching servers that are alike: the edges of a region, or the shields. Every limit is of each of them.
struct CachePlan {
  int count = 1;
  std::optional<base::Bitrate> egress{};
  std::optional<double> requests_per_s{};
  std::optional<std::int64_t> connections{};  // at once, from viewers
  base::Duration queue = std::chrono::seconds{1};
  base::ByteCount cache = base::ByteCount::bytes(1'000'000'000'000);
  base::Duration hit_latency = std::chrono::milliseconds{1};
  base::Duration origin_rtt = std::chrono::milliseconds{20};  // to the shield where there is one; of a shield: to the origin
  bool coalesce = true;                                       // requests for what is being fetched wait for it
  // How long an object stays fresh; absent: what its Cache-Control says, and without that half a segment's duration for playlists and
  // manifests, and a day for the others.
  std::optional<base::Duration> playlist_ttl{}, init_ttl{}, segment_ttl{};
  base::Duration stale_while_revalidate{};  // RFC 5861
  base::Duration stale_if_error{};
  friend bool operator==(const CachePlan&, const CachePlan&) = default;
};

// What the scenario says of the origin, in place of what the model says.
struct OriginPlan {
  std::optional<base::Bitrate> egress{};
  std::optional<double> requests_per_s{};
  std::optional<std::int64_t> connections{};
  std::optional<base::Duration> queue{};
  std::optional<std::int64_t> renditions{};
  friend bool operator==(const OriginPlan&, const OriginPlan&) = default;
};

// How the content is cut and encoded. The defaults are the reference server's.
struct ContentShape {
  struct Rung {
    int width = 0, height = 0;
    base::Bitrate bitrate{};
    friend bool operator==(const Rung&, const Rung&) = default;
  };
  base::Duration segment = std::chrono::seconds{2};
  // HLS players start with the first one.
  std::vector<Rung> ladder{{1280, 720, base::Bitrate::bits_per_second(2'500'000)},
                           {854, 480, base::Bitrate::bits_per_second(1'100'000)},
                           {426, 240, base::Bitrate::bits_per_second(300'000)}};
  base::Bitrate audio = base::Bitrate::bits_per_second(128'000);
  bool audio_muxed = false;                            // in the segments of every rung; HLS only
  bool blocking_reload = false;                        // live HLS playlists are held until they list what is asked for
  std::optional<base::Duration> window{};              // live: what is listed; absent: eight segments
  base::Duration duration = std::chrono::seconds{60};  // on demand
  friend bool operator==(const ContentShape&, const ContentShape&) = default;
};

// Of the highest rendition, on average.
inline base::ByteCount largest_segment(const ContentShape& shape) {
  base::Bitrate highest;
  for (const ContentShape::Rung& rung : shape.ladder) highest = std::max(highest, rung.bitrate);
  return highest * shape.segment;
}

// Viewers who play on for others; absent: everyone plays to the end.
struct RepresentativePlan {
  std::uint32_t of = 16;                            // so many viewers at most, one of whom plays on for all
  base::Duration after = std::chrono::seconds{30};  // the first frame
  friend bool operator==(const RepresentativePlan&, const RepresentativePlan&) = default;
};

enum class HttpVersion : std::uint8_t { k11, k2 };  // 2: over TLS 1.3

struct VirtualWorld {
  HttpVersion http = HttpVersion::k11;
  ServerModel model{};
  bool has_model = false;
  std::map<std::string, CachePlan> edges{};  // by region; the viewers of others go to the origin
  std::optional<CachePlan> shield{};
  OriginPlan origin{};
  std::optional<ContentShape> content{};  // absent: the reference server's
  std::optional<RepresentativePlan> representatives{};
  friend bool operator==(const VirtualWorld&, const VirtualWorld&) = default;
};

}  // namespace harness

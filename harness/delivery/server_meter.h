// ServerMeter: what one server was asked for and gave, second by second, and when it first had more to do than it can. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "base/units.h"
#include "reports/record/rows.h"

namespace harness {

enum class ServerLimit : std::uint8_t { kRequests, kEgress, kConnections, kTranscode, kLink, kProcessor };
const char* to_text(ServerLimit limit);  // "requests", "egress", "connections", "transcode", "link", "processor"

// What came of a request to a caching server.
enum class CacheOutcome : std::uint8_t { kHit, kMiss, kCoalesced, kStale, kStaleOnError, kPassed };

class ServerMeter {
 public:
  // Forgets everything; seconds are counted from here.
  void begin(base::Instant now);

  void requests(base::Instant now, std::uint32_t more) { requests_ += more, second(requests_each_second_, now) += more; }
  void sent(base::Instant now, base::ByteCount bytes) {
    bytes_ += bytes;
    second(bits_each_second_, now) += static_cast<double>(bytes.count()) * 8;
  }
  void waited(base::Duration wait) { longest_wait_ = std::max(longest_wait_, wait); }
  void refused(std::uint64_t more = 1) { refused_ += more; }
  void outcome(CacheOutcome outcome, std::uint32_t more = 1) { outcomes_[static_cast<std::size_t>(outcome)] += more; }
  // So many times, each for an answer of `bytes`.
  void asked_upstream(base::ByteCount bytes, bool revalidated, std::uint32_t times = 1) {
    upstream_requests_ += times;
    upstream_bytes_ += bytes * times;
    revalidated_ += revalidated ? times : 0;
  }
  void connected(std::int64_t now_open) { most_connections_ = std::max(most_connections_, now_open); }
  // `open`: connections, at that instant.
  void exceeded(base::Instant now, ServerLimit limit, std::int64_t open) {
    if (!first_) first_ = {now, limit, open};
  }

  struct Exceeded {
    base::Instant at;
    ServerLimit limit;
    std::int64_t open;
  };
  const std::optional<Exceeded>& first_exceeded() const { return first_; }
  // Name, place and limits are the caller's; times count from begin().
  reports::DeliveryRow row() const;

 private:
  double& second(std::vector<double>& list, base::Instant now) const {
    const auto index = now <= began_ ? std::size_t{0} : static_cast<std::size_t>((now - began_) / std::chrono::seconds{1});
    if (index >= list.size()) list.resize(index + 1);
    return list[index];
  }
  base::Instant began_{};
  std::uint64_t requests_ = 0, refused_ = 0, upstream_requests_ = 0, revalidated_ = 0;
  std::uint64_t outcomes_[6] = {};
  base::ByteCount bytes_{}, upstream_bytes_{};
  base::Duration longest_wait_{};
  std::int64_t most_connections_ = 0;
  std::vector<double> requests_each_second_, bits_each_second_;
  std::optional<Exceeded> first_;
};

}  // namespace harness

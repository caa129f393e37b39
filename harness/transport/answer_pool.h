// AnswerPool: the answers that browser caches hold and may have to give again with their body: one copy for all viewers who got the
// same. Bounded: what no longer fits is not taken.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/shared_text.h"
#include "base/time.h"
#include "base/units.h"

namespace harness {

struct KeptAnswer {
  std::uint64_t key = 0;  // of the request
  int status = 200;
  base::ByteCount bytes;    // of the body as transferred
  base::SharedText body{};  // where the request kept it
  base::SharedText etag{};  // empty: none
  std::optional<base::UtcTime> last_modified{};
  friend bool operator==(const KeptAnswer&, const KeptAnswer&) = default;
};

class AnswerPool {
 public:
  static constexpr std::size_t kMostBytes = std::size_t{64} << 20;  // a long VOD manifest of every viewer's own is what this is against
  explicit AnswerPool(std::size_t most_bytes = kMostBytes) : most_bytes_{most_bytes} {}

  // Its place, with one more user; nothing: the pool is full.
  std::optional<std::uint32_t> take(KeptAnswer answer);
  void hold(std::uint32_t place) { ++seats_[place].users; }
  // The last one to let go of it clears its place.
  void release(std::uint32_t place);
  const KeptAnswer& at(std::uint32_t place) const { return seats_[place].answer; }
  std::size_t bytes() const { return bytes_; }

 private:
  struct Seat {
    KeptAnswer answer;
    std::uint64_t mark = 0;  // hash of all of it
    std::uint32_t users = 0;
  };
  std::size_t most_bytes_;
  std::size_t bytes_ = 0;
  std::vector<Seat> seats_;
  std::vector<std::uint32_t> free_;
  std::unordered_multimap<std::uint64_t, std::uint32_t> by_mark_;
};

}  // namespace harness

// dashjs::AbandonRule: gives up a segment that comes so slowly that a lower rendition would be here sooner
// (rules/abr/AbandonRequestsRule.js of dash.js 5.2.1). Judges by the progress events of the running download.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "harness/engine/dashjs_ladder.h"
#include "harness/engine/dashjs_throughput.h"
#include "harness/engine/engine.h"

namespace harness::dashjs {

class AbandonRule {
 public:
  // A progress event of the running segment. Returns the rendition to load instead; nothing: go on. `buffer_s` ahead of the playhead,
  // `stable_s` that need no hurry.
  std::optional<std::size_t> on_progress(const Download& download, const Ladder& ladder, double buffer_s, double stable_s);
  // One of which it is known that it finds no better rendition.
  void note(const Download& download);
  // Before then it gives up nothing of the running download, whatever it hears of it from `now` on.
  base::Instant judges_from(const Download& download, base::Instant now) const;
  // What its progress events say of the running segment so far: all but the first one.
  Transfer measured() const { return {latest_bytes_ - first_bytes_, latest_ - first_}; }

 private:
  std::optional<std::size_t> better(const Download& download, const Ladder& ladder) const;
  bool was_abandoned(base::Duration start) const;

  base::Instant asked_{};  // tells one download from another
  std::uint32_t events_ = 0;
  base::Instant first_{}, latest_{};
  base::ByteCount first_bytes_, latest_bytes_;
  static constexpr std::size_t kRemembered = 8;
  std::vector<base::Duration> abandoned_;  // starts of the latest segments given up: none is given up twice
};

}  // namespace harness::dashjs
